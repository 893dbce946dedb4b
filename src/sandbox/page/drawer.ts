const OPEN = 'sidebar-open';

/** In narrow windows the sidebar lies over the page while it is wanted. */
export function openDrawer(sidebar: HTMLElement): void {
  document.body.classList.add(OPEN);
  sidebar.querySelector<HTMLElement>('[aria-current]')?.focus();
}

export function closeDrawer(): void {
  if (!document.body.classList.contains(OPEN)) return;
  document.body.classList.remove(OPEN);
  document.querySelector<HTMLElement>('.open-sidebar')?.focus();
}

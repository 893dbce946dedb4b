import { type RefObject, useLayoutEffect } from 'react';

/** When the element goes away with the focus in it, the focus returns to where it was when the element came. */
export function useReturnedFocus(element: RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => {
    const drawer = element.current;
    const opener = document.activeElement;
    return () => {
      if (drawer?.contains(document.activeElement) && opener instanceof HTMLElement) opener.focus();
    };
  }, [element]);
}

import type {
  ElementUsed,
  OptionsFound,
  OptionsWanted,
  Outcome,
  ShownView,
  State,
} from '../page-protocol.ts';
import type { Directory } from './directory.ts';
import { make, newId } from './dom.ts';
import { icon } from './icons.ts';
import { keepChildren } from './keyed-children.ts';
import { type Modal, openModal } from './modal.ts';
import { controlOf, createViewForm, type ViewForm } from './view-form.ts';

/** What the dialog asks of the app, as the person it belongs to. */
export interface ViewActions {
  act(used: Omit<ElementUsed, 'as'>): Promise<Outcome>;
  findOptions(wanted: Omit<OptionsWanted, 'as'>): Promise<OptionsFound>;
  submit(view: string, state: State): Promise<Outcome>;
  close(view: string): Promise<Outcome>;
}

export interface ViewDialog {
  /** Shows the topmost of the views; none closes the dialog. */
  show(views: ShownView[], directory: Directory): void;
}

/** The modal of an app: a stack of views in one dialog. */
export function createViewDialog(actions: ViewActions): ViewDialog {
  const forms = new Map<string, ViewForm>();
  let modal: Modal | undefined;
  let stack: ShownView[] = [];
  let shown: { id: string; frame: HTMLElement; redraw: (view: ShownView) => void } | undefined;

  const closeTop = (): void => {
    const top = stack.at(-1);
    if (top) void actions.close(top.id);
  };
  const closeAll = (): void => void closeEach(stack.toReversed(), actions);
  const formOf = (view: ShownView, directory: Directory): ViewForm => {
    const form = forms.get(view.id) ?? createFormOf(view, directory, actions);
    forms.set(view.id, form);
    return form;
  };

  return {
    show: (views, directory) => {
      stack = views;
      for (const id of forms.keys()) if (!views.some((view) => view.id === id)) forms.delete(id);
      const top = views.at(-1);
      if (top === undefined) {
        modal?.close();
        modal = undefined;
        shown = undefined;
        return;
      }
      if (shown?.id === top.id) {
        shown.redraw(top);
        return;
      }
      const form = formOf(top, directory);
      const frame = drawFrame(top, form, {
        depth: views.length,
        actions,
        closeTop,
        closeAll,
      });
      shown = { id: top.id, ...frame };
      if (modal) {
        modal.dialog.replaceChildren(frame.frame);
        modal.dialog.setAttribute('aria-labelledby', frame.titleId);
      } else {
        modal = openModal(
          {
            className: 'dialog view',
            labelledBy: frame.titleId,
            leave: closeTop,
          },
          frame.frame,
        );
      }
      focusFirst(frame.frame, form.body);
    },
  };
}

/** From the topmost down; a view may take the ones beneath with it. */
async function closeEach(views: ShownView[], actions: ViewActions): Promise<void> {
  for (const view of views) {
    const outcome = await actions.close(view.id);
    if (!outcome.ok) return;
  }
}

function createFormOf(view: ShownView, directory: Directory, actions: ViewActions): ViewForm {
  return createViewForm(directory, {
    act: (used) => actions.act({ container: { view: view.id }, ...used }),
    findOptions: (wanted) => actions.findOptions({ view: view.id, ...wanted }),
  });
}

interface FrameOptions {
  depth: number;
  actions: ViewActions;
  closeTop: () => void;
  closeAll: () => void;
}

function drawFrame(view: ShownView, form: ViewForm, { depth, actions, closeTop, closeAll }: FrameOptions) {
  const titleId = newId('title');
  const title = make('h2', { id: titleId });
  const cross = make(
    'button',
    { type: 'button', class: 'icon-button', 'aria-label': 'Dismiss dialog' },
    icon('cross'),
  );
  cross.addEventListener('click', closeAll);
  const back = make(
    'button',
    { type: 'button', class: 'icon-button', 'aria-label': 'Go back' },
    icon('back'),
  );
  back.addEventListener('click', closeTop);
  const problem = make('p', {
    class: 'dialog-problem',
    role: 'alert',
    hidden: true,
  });
  const footer = make('div', { class: 'dialog-footer' });
  const frame = make(
    'form',
    { class: 'dialog-frame', novalidate: true },
    make('div', { class: 'dialog-header' }, depth > 1 ? back : null, title, cross),
    form.body,
    problem,
    footer,
  );
  const redraw = (now: ShownView): void => {
    title.textContent = now.title;
    const hadFields = form.body.querySelector('.block-input') !== null;
    form.show(now);
    const signature = JSON.stringify([now.close, now.submit]);
    keepChildren(footer, [{ key: 'buttons', signature, draw: () => drawButtons(now, closeTop) }]);
    setBusy(frame, false);
    // A loading view has become a form, or what had the focus is gone.
    if (frame.isConnected && (!hadFields || !frame.contains(document.activeElement)))
      focusFirst(frame, form.body);
  };
  frame.addEventListener('submit', async (event) => {
    event.preventDefault();
    const hasSubmit = frame.querySelector('button[type=submit]') !== null;
    if (hasSubmit && !isBusy(frame)) await submit(view.id, form, frame, problem, actions);
  });
  redraw(view);
  return { frame, titleId, redraw };
}

function drawButtons(view: ShownView, closeTop: () => void): HTMLElement {
  const close = make('button', { type: 'button', class: 'button' }, view.close);
  close.addEventListener('click', closeTop);
  const text = make('span', { class: 'button-text' }, view.submit);
  const submitter = make('button', { type: 'submit', class: 'button button-primary' }, text);
  return make('div', { class: 'dialog-buttons' }, close, view.submit === undefined ? null : submitter);
}

async function submit(
  viewId: string,
  form: ViewForm,
  frame: HTMLElement,
  problem: HTMLElement,
  actions: ViewActions,
): Promise<void> {
  const say = (lines: string[]): void => {
    problem.hidden = lines.length === 0;
    problem.replaceChildren(...(lines.length > 0 ? [icon('warning'), lines.join(' ')] : []));
  };
  const problems = form.problems();
  say(form.showErrors(problems));
  if (Object.keys(problems).length > 0) return;
  setBusy(frame, true);
  const outcome = await actions.submit(viewId, form.values.collect());
  setBusy(frame, false);
  if (outcome.ok) return;
  if ('errors' in outcome) say(form.showErrors(outcome.errors));
  else say([outcome.message]);
}

function setBusy(frame: HTMLElement, busy: boolean): void {
  frame.querySelector('button[type=submit]')?.setAttribute('aria-busy', String(busy));
}

function isBusy(frame: HTMLElement): boolean {
  return frame.querySelector('button[type=submit]')?.getAttribute('aria-busy') === 'true';
}

/** Where `focus_on_load` says, else the first field, else the first thing that can be done. */
function focusFirst(frame: HTMLElement, body: HTMLElement): void {
  const firstField = [...body.querySelectorAll('.block-input')].map(controlOf).find(Boolean);
  const wanted = body.querySelector<HTMLElement>('[autofocus]') ?? firstField;
  (wanted ?? frame.querySelector<HTMLElement>('.dialog-footer button'))?.focus();
}

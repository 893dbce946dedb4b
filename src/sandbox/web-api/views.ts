import { type CheckedView, checkView, type ModalView } from '../block-kit/view.ts';
import type { OpenView } from '../open-views.ts';
import {
  type Arguments,
  invalidArguments,
  type Method,
  type MethodAnswer,
  type MethodContext,
  refused,
  text,
} from './method.ts';

export const viewMethods: Record<string, Method> = {
  'views.open': viewMethod(['trigger_id', 'view'], open),
  'views.push': viewMethod(['trigger_id', 'view'], push),
  'views.update': viewMethod(['view'], update),
};

function viewMethod(required: string[], run: Method['run']): Method {
  return { token: 'bot', scopes: [], required, run };
}

/** Runs with the view once it is found valid, and with the trigger once that is used. */
function open(args: Arguments, context: MethodContext): MethodAnswer {
  const view = newView(args, context);
  if (!view.ok) return view.answer;
  const use = context.triggers.use(text(args, 'trigger_id') ?? '');
  if (!use.ok) return refused(use.error);
  return answered(context.views.open(use.trigger.personId, view.value), context);
}

function push(args: Arguments, context: MethodContext): MethodAnswer {
  const view = newView(args, context);
  if (!view.ok) return view.answer;
  const use = context.triggers.use(text(args, 'trigger_id') ?? '');
  if (!use.ok) return refused(use.error);
  const { personId, viewId } = use.trigger;
  if (viewId === undefined || !context.views.find(viewId)) return refused('invalid_trigger_id');
  const pushed = context.views.push(personId, view.value);
  return pushed ? answered(pushed, context) : refused('push_limit_reached');
}

function update(args: Arguments, context: MethodContext): MethodAnswer {
  const { view_id, external_id, hash } = {
    view_id: text(args, 'view_id'),
    external_id: text(args, 'external_id'),
    hash: text(args, 'hash'),
  };
  if (view_id === undefined && external_id === undefined) {
    return invalidArguments(['missing required field: view_id [json-pointer:]']);
  }
  const checked = checkView(args.view);
  if (!checked.ok) return viewRefused(checked);
  const found =
    view_id === undefined ? context.views.findByExternalId(external_id ?? '') : context.views.find(view_id);
  if (!found) return refused('not_found');
  if (hash !== undefined && hash !== found.hash) return refused('hash_conflict');
  if (isTaken(checked.value, context, found)) return refused('duplicate_external_id');
  context.views.update(found, checked.value);
  return answered(found, context);
}

function newView(
  args: Arguments,
  context: MethodContext,
): { ok: true; value: ModalView } | { ok: false; answer: MethodAnswer } {
  const checked = checkView(args.view);
  if (!checked.ok) return { ok: false, answer: viewRefused(checked) };
  if (isTaken(checked.value, context)) return { ok: false, answer: refused('duplicate_external_id') };
  return checked;
}

function isTaken({ external_id }: ModalView, { views }: MethodContext, self?: OpenView): boolean {
  const holder = external_id === '' ? undefined : views.findByExternalId(external_id);
  return holder !== undefined && holder !== self;
}

function viewRefused(checked: CheckedView & { ok: false }): MethodAnswer {
  return 'tooLarge' in checked ? refused('view_too_large') : invalidArguments(checked.problems);
}

function answered(open: OpenView, { views }: MethodContext): MethodAnswer {
  return { ok: true, view: views.payload(open) };
}

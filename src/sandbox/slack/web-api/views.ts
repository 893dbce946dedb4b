import { checkHomeView, checkView, type ModalView } from '../block-kit/view.ts';
import { type ViewRecord, viewPayload } from '../workspace/views.ts';
import {
  type Arguments,
  invalidArguments,
  type Method,
  type MethodContext,
  type MethodResponse,
  refused,
  text,
} from './method.ts';

export const viewMethods: Record<string, Method> = {
  'views.open': viewMethod(['trigger_id', 'view'], open),
  'views.push': viewMethod(['trigger_id', 'view'], push),
  'views.update': viewMethod(['view'], update),
  'views.publish': viewMethod(['user_id', 'view'], publish),
};

function viewMethod(required: string[], run: Method['run']): Method {
  return { token: 'bot', scopes: [], required, run };
}

/** Uses the trigger only for a valid view, as Slack does. */
function open(args: Arguments, context: MethodContext): MethodResponse {
  const view = newView(args, context);
  if (!view.ok) return view.response;
  const use = context.triggers.use(text(args, 'trigger_id') ?? '');
  if (!use.ok) return refused(use.error);
  return viewResponse(context.views.open(use.trigger.personId, view.value), context);
}

function push(args: Arguments, context: MethodContext): MethodResponse {
  const view = newView(args, context);
  if (!view.ok) return view.response;
  const use = context.triggers.use(text(args, 'trigger_id') ?? '');
  if (!use.ok) return refused(use.error);
  const { personId, viewId } = use.trigger;
  if (viewId === undefined || !context.views.find(viewId)) return refused('invalid_trigger_id');
  const pushed = context.views.push(personId, view.value);
  return pushed ? viewResponse(pushed, context) : refused('push_limit_reached');
}

function update(args: Arguments, context: MethodContext): MethodResponse {
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
  if (isTaken(checked.value.external_id, context, found)) return refused('duplicate_external_id');
  context.views.update(found, checked.value);
  return viewResponse(found, context);
}

function publish(args: Arguments, context: MethodContext): MethodResponse {
  const checked = checkHomeView(args.view);
  if (!checked.ok) return viewRefused(checked);
  if (!context.app.homeTabEnabled) return refused('not_enabled');
  const user = text(args, 'user_id');
  const person = context.workspace.people.find(({ id, bot }) => id === user && !bot);
  if (!person) return invalidArguments(['invalid `user_id`']);
  const known = context.homes.of(person.id);
  const hash = text(args, 'hash');
  if (hash !== undefined && hash !== known?.hash) return refused('hash_conflict');
  if (isTaken(checked.value.external_id, context, known)) return refused('duplicate_external_id');
  return viewResponse(context.homes.publish(person.id, checked.value), context);
}

function newView(
  args: Arguments,
  context: MethodContext,
): { ok: true; value: ModalView } | { ok: false; response: MethodResponse } {
  const checked = checkView(args.view);
  if (!checked.ok) return { ok: false, response: viewRefused(checked) };
  if (isTaken(checked.value.external_id, context))
    return { ok: false, response: refused('duplicate_external_id') };
  return checked;
}

/** External IDs are unique among all views of a team, modals and Home tabs. */
function isTaken(external_id: string, { views, homes }: MethodContext, self?: ViewRecord): boolean {
  const holder =
    external_id === ''
      ? undefined
      : (views.findByExternalId(external_id) ?? homes.findByExternalId(external_id));
  return holder !== undefined && holder !== self;
}

function viewRefused(
  checked: { ok: false; tooLarge: true } | { ok: false; problems: string[] },
): MethodResponse {
  return 'tooLarge' in checked ? refused('view_too_large') : invalidArguments(checked.problems);
}

function viewResponse(record: ViewRecord, { workspace }: MethodContext): MethodResponse {
  return { ok: true, view: viewPayload(workspace, record) };
}

import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import type { Block, PageModal } from '../../slack/protocol/page-protocol.ts';
import { type FormValues, findProblems } from '../block-kit/form/form-values.ts';
import { useSession } from '../session/session.ts';
import { focusField } from './field-focus.ts';

type Errors = Record<string, string>;

interface Submission {
  /** Block ID → the error at its field. */
  errors: Errors;
  /** The error that belongs to no field. */
  problem: string | undefined;
  isBusy: boolean;
  /** Removes the error of a field that has changed. */
  edited(blockId: string): void;
  submit(): Promise<void>;
}

export function useSubmission(
  view: PageModal,
  values: FormValues,
  frameRef: RefObject<HTMLElement | null>,
): Submission {
  const session = useSession();
  const [errors, setErrors] = useState<Errors>({});
  const [problem, setProblem] = useState<string>();
  const [isBusy, setIsBusy] = useState(false);
  const isUnderWay = useRef(false);
  useFirstErrorFocused(frameRef, view.blocks, errors);
  const edited = useCallback((blockId: string) => setErrors(({ [blockId]: _, ...rest }) => rest), []);
  const show = (found: Errors): void => {
    const { atFields, rest } = divide(found, view.blocks);
    setErrors(atFields);
    setProblem(rest.length > 0 ? rest.join(' ') : undefined);
  };
  const submit = async (): Promise<void> => {
    if (isUnderWay.current) return;
    const problems = findProblems(view.blocks, values);
    show(problems);
    if (Object.keys(problems).length > 0) return;
    isUnderWay.current = true;
    setIsBusy(true);
    const outcome = await session.submitView(view.id, values.collect());
    isUnderWay.current = false;
    setIsBusy(false);
    if (outcome.ok) return;
    if ('errors' in outcome) show(outcome.errors);
    else setProblem(outcome.message);
  };
  return { errors, problem, isBusy, edited, submit };
}

function divide(errors: Errors, blocks: Block[]): { atFields: Errors; rest: string[] } {
  const fields = new Set(blocks.filter(({ type }) => type === 'input').map(({ block_id }) => block_id));
  const entries = Object.entries(errors);
  return {
    atFields: Object.fromEntries(entries.filter(([blockId]) => fields.has(blockId))),
    rest: entries.filter(([blockId]) => !fields.has(blockId)).map(([, text]) => text),
  };
}

/** Focuses the first field with an error when errors appear, but not when one is removed. */
function useFirstErrorFocused(
  frameRef: RefObject<HTMLElement | null>,
  blocks: Block[],
  errors: Errors,
): void {
  const before = useRef(errors);
  useEffect(() => {
    if (before.current === errors) return;
    const hasGone = Object.keys(errors).length < Object.keys(before.current).length;
    before.current = errors;
    const first = blocks.find(({ block_id }) => errors[block_id] !== undefined);
    if (!hasGone && first && frameRef.current) focusField(frameRef.current, first.block_id);
  }, [errors, blocks, frameRef]);
}

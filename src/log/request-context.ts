import { AsyncLocalStorage } from 'node:async_hooks';

/** What every log line of one interaction carries, whoever writes it. */
export interface RequestContext {
  /** Also told to the person, so that the line can be found. */
  requestId: string;
}

const storage = new AsyncLocalStorage<RequestContext>();

export function runInRequest<Result>(context: RequestContext, work: () => Result): Result {
  return storage.run(context, work);
}

export function currentRequest(): RequestContext | undefined {
  return storage.getStore();
}

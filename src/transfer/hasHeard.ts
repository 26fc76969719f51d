/** Whether an answer shows that the storage knows that an upload is over: then there is no more to say. */
import { isOwn } from "../net/answers.ts";
import type { HttpAnswer } from "../net/http.ts";

/** Something on the way wants something else first, or asks us to wait: the session is unchanged. */
const NOT_HEARD: readonly number[] = [401, 402, 403, 407, 408, 421, 423, 425, 429];

/** True when the session was ended, with whatever status, or is gone, or cannot be ended. */
export function hasHeard(answer: HttpAnswer): boolean {
  const { status } = answer;
  return (
    (status >= 200 && status <= 299 && isOwn(answer)) ||
    (status >= 400 && status <= 499 && !NOT_HEARD.includes(status))
  );
}

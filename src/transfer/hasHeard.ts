/** Whether a storage was told that an upload is over, by its answer: then nothing more can be said to it. */
import { isOwn } from "../net/answers.ts";
import type { HttpAnswer } from "../net/http.ts";

/** Somebody on the way wants something else first, or asks for patience: the session is as it was. */
const NOT_HEARD: readonly number[] = [401, 402, 403, 407, 408, 421, 423, 425, 429];

/** True of an end that was made, by whatever status, and of a session that is not there or cannot be ended. */
export function hasHeard(answer: HttpAnswer): boolean {
  const { status } = answer;
  return (
    (status >= 200 && status <= 299 && isOwn(answer)) ||
    (status >= 400 && status <= 499 && !NOT_HEARD.includes(status))
  );
}

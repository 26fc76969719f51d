/** A mail provider's answer, which Nylas passes on as it came: an object of one form or another, or text. */
import * as z from "zod";
import { parseJson } from "../../net/json.ts";
import { RefusalText as Text } from "../forbidden.ts";

/** The form of Microsoft and Google, whose `code` may be a number: then it is dropped. */
const Plain = z.object({ code: Text, message: Text });
/** The form of a refused sign-in. https://www.rfc-editor.org/rfc/rfc6749#section-5.2 */
const OAuth = z
  .object({ error: z.string(), error_description: Text })
  .transform(({ error, error_description }) => ({ code: error.slice(0, 500), message: error_description }));
const Nested = z.object({ error: Plain }).transform(({ error }) => error);
const Known = z.union([OAuth, Nested, Plain]);

export const ProviderError = z.union([
  z
    .string()
    .transform(
      (text) => Known.safeParse(parseJson(text)).data ?? { code: undefined, message: text.slice(0, 500) },
    ),
  Known,
]);

/** What each deed about files that go as links does. */
import { AUDIENCES } from "../../src/services/fileLinks.ts";
import { click, shown } from "../support/person.ts";
import type { Window } from "../support/window.ts";
import type { Act, LinkDeed } from "./acts.ts";

/** @returns undefined where it is not offered just now */
export function doAboutLinks(
  window: Window,
  id: string,
  attachment: string,
  { deed, file, seconds }: Act & { readonly deed: LinkDeed },
): Promise<unknown> | undefined {
  switch (deed) {
    case "as link":
      return click(window, id, attachment, "asLink");
    case "as attachment":
      return click(window, id, attachment, "asAttachment");
    case "choose links": {
      const audience = AUDIENCES[file % AUDIENCES.length] ?? "recipients";
      const choice = { audience, days: seconds < 0 ? null : 7 };
      if (shown(window, id)?.links?.editable !== true) return undefined;
      return window.act(() => window.runner.chooseLinks(id, choice));
    }
    case "extend link":
      return click(window, id, attachment, "extendLink");
    case "stop sharing":
      return click(window, id, attachment, "stopSharing");
    case "delete linked":
      return click(window, id, attachment, "deleteLinked");
  }
}

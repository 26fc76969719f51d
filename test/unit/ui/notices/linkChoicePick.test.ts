import assert from "node:assert/strict";
import { type LinkLimits, NO_LINK_LIMITS, usualLinks } from "../../../../src/delivery/links/linkLimits.ts";
import type { AudienceRefusal } from "../../../../src/services/fileLinks.ts";
import { pickLinkChoice } from "../../../../src/ui/notices/linkChoicePick.ts";
import { ScriptedDialogs } from "../../../support/scriptedDialogs.ts";

const NAMES = ["Only the recipients", "Everyone in your organization", "Everyone who has the link"];
const refusal = (audience: AudienceRefusal["audience"], isTooLong = false): AudienceRefusal => ({
  audience,
  message: `No ${audience}.`,
  isTooLong,
});

describe("The choice of who can open the links of a mail", () => {
  const offered = async (
    limits: LinkLimits,
    refused: readonly AudienceRefusal[] = [],
    press = NAMES[0] ?? "",
  ) => {
    const dialogs = new ScriptedDialogs(press, "1 day");
    const chosen = await pickLinkChoice(dialogs, { audience: "recipients", days: 30 }, limits, refused);
    return { chosen, audiences: dialogs.shown[0]?.buttons, days: dialogs.shown[1]?.buttons };
  };

  it("names first what holds, and offers everything where nothing speaks against it", async () => {
    const { chosen, audiences, days } = await offered(NO_LINK_LIMITS);
    assert.deepEqual(audiences, NAMES);
    assert.deepEqual(days, [
      "30 days",
      "1 day",
      "7 days",
      "90 days",
      "365 days",
      "Until you delete the file",
    ]);
    assert.deepEqual(chosen, { audience: "recipients", days: 1 });
  });

  for (const [title, limits, refused, audiences] of [
    ["an organization's rules, or a setting", { audience: "organization", days: null }, [], [0, 1]],
    ["the service", NO_LINK_LIMITS, [refusal("anyone")], [0, 1]],
    ["both", { audience: "organization", days: null }, [refusal("recipients"), refusal("anyone")], [1]],
    ["the service for so long only", NO_LINK_LIMITS, [refusal("anyone", true)], [0, 1, 2]],
  ] as const)
    it(`offers no one who is not allowed by ${title}`, async () => {
      const { audiences: shown } = await offered(limits, refused, NAMES[audiences[0]]);
      assert.deepEqual(
        shown,
        audiences.map((at) => NAMES[at]),
      );
    });

  it("says why where nobody is left", async () => {
    const all = (["recipients", "organization", "anyone"] as const).map((audience) => refusal(audience));
    await assert.rejects(offered(NO_LINK_LIMITS, all), { message: "No recipients." });
  });

  it("offers no more days than are allowed, and those", async () => {
    assert.deepEqual((await offered({ audience: "anyone", days: 14 })).days, ["1 day", "7 days", "14 days"]);
  });

  it("begins within what is allowed", () => {
    assert.deepEqual(usualLinks(NO_LINK_LIMITS), { audience: "recipients", days: 30 });
    assert.deepEqual(usualLinks({ audience: "recipients", days: 7 }), { audience: "recipients", days: 7 });
    assert.deepEqual(usualLinks({ audience: "anyone", days: 90 }), { audience: "recipients", days: 30 });
  });
});

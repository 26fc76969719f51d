/** What can go wrong with a file that goes as a link: the mail is sent once all the same, or says why and what helps. */
import assert from "node:assert/strict";
import type { Audience } from "../../src/services/fileLinks.ts";
import type { Remedy } from "../../src/shared/contract/snapshot.ts";
import { compose, Desk, isSettled, pressSend } from "../support/desk.ts";
import { graphLinks } from "../support/doors.ts";
import { sampleOf } from "../support/files.ts";
import type { Window } from "../support/window.ts";
import { callDrive } from "./graphSupport.ts";
import { send, sha256 } from "./support.ts";

/** Two ranges. */
const SIZE = 12_000_000;
const DAY_MS = 24 * 3600 * 1000;

interface Trouble {
  readonly title: string;
  /** The recipients, unless told. */
  readonly audience?: Audience;
  /** How it comes about: before the file is there, or before Send is pressed. */
  readonly before: "upload" | "send";
  readonly begin: (desk: Desk) => void;
  /** What the file says; unset: nothing, for the mail is sent. */
  readonly says?: { readonly code: string; readonly message: RegExp; readonly remedy: Remedy };
  /** What the sentence tells the person to do. */
  readonly help?: (desk: Desk, window: Window, id: string, attachmentId: string) => Promise<void>;
}

const switchTo = (desk: Desk, change: Partial<Desk["sandbox"]["graph"]["drive"]>) =>
  Object.assign(desk.sandbox.graph.drive, change);
const refused = (message: RegExp) => ({ code: "link-refused", message, remedy: "retry" }) as const;
/** The service behaves again, and the person tries it again. */
const goOn: Trouble["help"] = ({ sandbox }, { runner }, id, attachmentId) => {
  sandbox.faults.clear();
  return runner.resume(id, attachmentId);
};

const TROUBLES: readonly Trouble[] = [
  {
    title: "sharing is switched off",
    before: "send",
    begin: (desk) => switchTo(desk, { sharing: "off" }),
    says: refused(
      /does not allow links for these recipients\. Change who can open the file, or send it as an attachment\.$/,
    ),
    help: (_desk, { runner }, id, attachmentId) => runner.chooseWay(id, attachmentId, false),
  },
  {
    title: "a link for everyone must have a password",
    audience: "anyone",
    before: "send",
    begin: (desk) => switchTo(desk, { passwords: "required" }),
    says: refused(/requires a password on links .* does not support\. Change who can open the file\.$/),
    help: (_desk, { runner }, id) => runner.chooseLinks(id, { audience: "recipients", days: 7 }),
  },
  ...(["mysite", "address", "file", "license"] as const).map(
    (absent): Trouble => ({
      title: `there is no OneDrive (${absent})`,
      before: "upload",
      begin: (desk) => switchTo(desk, { absent }),
      says: refused(
        /^This account has no OneDrive, or it has not been set up yet\. Open OneDrive in a browser once, or/,
      ),
      help: (desk, { runner }, id, attachmentId) => {
        switchTo(desk, { absent: "no" });
        return runner.resume(id, attachmentId);
      },
    }),
  ),
  {
    title: "there is no room",
    before: "upload",
    begin: (desk) => switchTo(desk, { quotaBytes: 10 }),
    says: {
      code: "no-room",
      message:
        /not enough room in your OneDrive\. Delete something there, or send the file as an attachment\.$/,
      remedy: "retry",
    },
    help: (desk, { runner }, id, attachmentId) => {
      switchTo(desk, { quotaBytes: 10 * SIZE });
      return runner.resume(id, attachmentId);
    },
  },
  ...([404, 410] as const).map(
    (gone): Trouble => ({
      title: `its session runs out in the middle (${gone})`,
      before: "upload",
      begin: (desk) => {
        switchTo(desk, { gone });
        desk.sandbox.faults.arm({ step: "upload", fault: "timePasses", ms: 8 * DAY_MS, skip: 1 });
      },
    }),
  ),
  {
    title: "a file of its name is there already",
    before: "upload",
    begin: ({ sandbox }) =>
      sandbox.faults.arm({
        step: "upload",
        fault: "refuse",
        status: 409,
        type: "nameAlreadyExists",
        skip: 1,
      }),
  },
  {
    title: "a file of its name is there wherever it is tried",
    before: "upload",
    begin: ({ sandbox }) =>
      sandbox.faults.arm({
        step: "upload",
        fault: "refuse",
        status: 409,
        type: "nameAlreadyExists",
        times: 1000,
      }),
    says: {
      code: "upload-refused",
      message: /already has a file of this name .* Try again: it is then uploaded to another folder\.$/,
      remedy: "retry",
    },
    help: goOn,
  },
  {
    title: "a range is refused once",
    before: "upload",
    begin: ({ sandbox }) =>
      sandbox.faults.arm({ step: "upload", fault: "refuse", status: 416, skip: 1, times: 1 }),
  },
  {
    title: "a range is refused again and again",
    before: "upload",
    begin: ({ sandbox }) => sandbox.faults.arm({ step: "upload", fault: "refuse", status: 416, times: 1000 }),
    says: { code: "service-fault", message: /did not accept the bytes/, remedy: "retry" },
    help: goOn,
  },
];

describe("A file that goes as a link, when", () => {
  let desk: Desk;
  let window: Window;
  beforeEach(async () => {
    desk = await Desk.set(graphLinks);
    window = await desk.open({ clockOffsetMs: () => desk.sandbox.clock.offsetMs });
  });
  afterEach(() => desk.clear());

  const children = async (path: string) => (await callDrive(desk.sandbox, "GET", path)).json.value ?? [];

  for (const { title, audience = "recipients", before, begin, says, help } of TROUBLES)
    it(`${title}, ${says === undefined ? "is sent once" : "says so, and is sent once after what it says"}`, async () => {
      const id = await compose(window, await desk.file("build.bin", SIZE));
      const file = () => window.store.get(id).attachments[0] ?? assert.fail();
      const attachmentId = file().id;
      await window.runner.chooseLinks(id, { audience, days: 7 });
      if (before === "upload") begin(desk);
      await window.runner.chooseWay(id, attachmentId, true);
      if (before === "send") {
        await window.until(id, () => file().status === "ready");
        begin(desk);
      }
      await pressSend(window, id);
      await window.until(id, isSettled);
      if (says !== undefined) {
        const { error } = file();
        assert.equal(desk.sandbox.deliveries, 0);
        assert.deepEqual([error?.code, error?.remedy], [says.code, says.remedy]);
        assert.match(error?.message ?? "", says.message);
        assert.notEqual(error?.requestId, null);
        await help?.(desk, window, id, attachmentId);
        await window.until(id, isSettled);
      }
      await window.until(id, ({ remoteCleanup }) => remoteCleanup.length === 0);
      assert.equal(window.store.get(id).phase, "sent");
      assert.equal(desk.sandbox.deliveries, 1);
      if (!file().asLink) return;
      const [folder, ...others] = await children("/root:/Freight%20Mail:/children");
      assert.deepEqual(others, [], "one place for one file");
      const [item] = await children(`/items/${folder.id}/children`);
      assert.equal(item.file.hashes.sha256Hash, sha256(sampleOf("build.bin", SIZE)).toUpperCase());
      const seen = await send(`${file().link?.url}?download=1&as=reader@example.com`);
      assert.equal(seen.status, 200);
    });
});

import assert from "node:assert/strict";
import { FreightError } from "../../src/base/errors.ts";
import type { DeliveryRecord } from "../../src/delivery/record/delivery.ts";
import { describeAttachment } from "../../src/delivery/words/describeAttachment.ts";
import { type Act, allActs, isOffered, waysOutside } from "./acts.ts";
import { type FileState, fileStates, statuses } from "./fileStates.ts";
import { mailStates, phases } from "./mailStates.ts";
import { Scene } from "./scene.ts";
import { cellKey, type Grid, grid } from "./table.ts";
import { content, fileLabel, mailLabel } from "./verdicts.ts";

const columns = (states: readonly { readonly name: string }[]) => states.map(({ name }) => name);
const mailActs = allActs.filter(({ kind }) => kind === "mail");
const fileActs = allActs.filter(({ kind }) => kind === "file");
const ways = "leads on";

const mails = grid(
  "A mail, and what a person does",
  "“Leads on” names what is offered that ends the state; or what ends it where no person can.",
  columns(mailStates),
  [...columns(mailActs), ways],
  "states",
);
const files = grid(
  "A file, and what a person does",
  "Of the file alone; those of the mail are above.",
  columns(fileStates),
  columns(fileActs),
  "states",
);

/** Has a person act in a state, and tells what comes of it. */
async function verdict(state: Pick<FileState, "begin" | "door">, act: Act) {
  const scene = await Scene.set(state.door);
  try {
    await state.begin(scene);
    const offered = await isOffered(act, scene);
    const before = seen(scene, act);
    const mailsBefore = scene.window.store.list().length;
    scene.freeze(act.uses);
    const refusal = await act.perform(scene).catch((reason: unknown) => {
      assert.ok(reason instanceof FreightError, String(reason));
      return reason;
    });
    const after = seen(scene, act);
    const isNew = scene.window.store.list().length > mailsBefore;
    const text =
      refusal !== undefined
        ? `refused: ${refusal instanceof FreightError ? refusal.code : refusal.message}`
        : isNew
          ? "another mail"
          : after.label !== before.label
            ? after.label
            : after.content !== before.content || after.woken
              ? "noted"
              : "ignored";
    return { text, isOffered: offered, changes: after.label !== before.label };
  } finally {
    await scene.clear();
  }
}

function seen({ record, file, now }: Scene, { kind, name }: Act) {
  const attachment = record?.attachments.find(({ id }) => id === file);
  // The only act that changes nothing but a wait.
  const woken = name === "tries now" && attachment?.flight?.waiting !== undefined;
  return {
    label: kind === "mail" ? mailLabel(record) : fileLabel(record, attachment, now),
    content: content(record),
    woken,
  };
}

function fill(
  table: Grid,
  state: Pick<FileState, "begin" | "name" | "door">,
  act: Act,
  leading: string[],
): void {
  it(act.name, async () => {
    const { changes, ...cell } = await verdict(state, act);
    table.cells.set(cellKey(state.name, act.name), cell);
    if (cell.isOffered && (changes || cell.text === "another mail")) leading.push(act.name);
    if (cell.isOffered) assert.doesNotMatch(cell.text, /^(ignored|refused)/, `${act.name} is offered`);
  });
}

describe("A mail", () => {
  it("has a state here for each phase", () => {
    assert.deepEqual(new Set(mailStates.map(({ phase }) => phase)), new Set(Object.keys(phases)));
  });

  for (const state of mailStates)
    describe(state.name, () => {
      const leading: string[] = [];

      it("is what it is called", async () => {
        const scene = await Scene.set();
        try {
          await state.begin(scene);
          assert.equal(scene.record?.phase, state.phase);
        } finally {
          await scene.clear();
        }
      });
      for (const act of mailActs) fill(mails, state, act, leading);
      it(ways, async () => {
        const scene = await Scene.set();
        try {
          await state.begin(scene);
          const exits = [...leading, ...waysOutside(scene), ...(await fileWays(scene))];
          if (state.endsBy !== undefined) {
            const before = mailLabel(scene.record);
            scene.release();
            await scene.window.until(scene.id, (delivery) => mailLabel(delivery) !== before);
            exits.push(state.endsBy);
          }
          assert.notDeepEqual(exits, [], `${state.name} has no way on`);
          mails.cells.set(cellKey(state.name, ways), { text: exits.join(", ") });
        } finally {
          await scene.clear();
        }
      });
    });
});

/** What is offered for its file, in a mail that waits for that. */
async function fileWays(scene: Scene): Promise<string[]> {
  if (scene.record?.phase !== "waiting") return [];
  const offered: string[] = [];
  for (const act of fileActs) if (await isOffered(act, scene)) offered.push(`${act.name} (its file)`);
  return offered;
}

describe("A file", () => {
  it("has a state here for each status", () => {
    assert.deepEqual(new Set(fileStates.map(({ status }) => status)), new Set(Object.keys(statuses)));
  });

  for (const state of fileStates)
    describe(state.name, () => {
      it("is what it is called", async () => {
        const scene = await Scene.set(state.door);
        try {
          await (state satisfies FileState).begin(scene);
          const { record, now, file } = scene;
          assert.ok(record);
          const shown = fileStatus(record, file, now);
          assert.equal(shown, state.status);
        } finally {
          await scene.clear();
        }
      });
      const leading: string[] = [];
      for (const act of fileActs) fill(files, state, act, leading);
    });
});

function fileStatus(record: DeliveryRecord, file: string, now: number): string | undefined {
  const attachment = record.attachments.find(({ id }) => id === file);
  return attachment === undefined ? undefined : describeAttachment(record, attachment, now).status;
}

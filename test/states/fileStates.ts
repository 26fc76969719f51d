/** Every state of a file, and how it comes about. */
import type { AttachmentView } from "../../src/shared/contract/snapshot.ts";
import { type Door, graphAsLinks } from "../support/doors.ts";
import { sample } from "../support/files.ts";
import { mailStates } from "./mailStates.ts";
import { hour, type Scene } from "./scene.ts";

export interface FileState {
  readonly name: string;
  /** As people see it. */
  readonly status: AttachmentView["status"];
  readonly begin: (scene: Scene) => Promise<void>;
  /** The service that it needs; unset: any. */
  readonly door?: Door;
}

const until = (scene: Scene, status: string) =>
  scene.window.until(scene.id, ({ attachments }) => attachments[0]?.status === status);

async function ready(scene: Scene): Promise<void> {
  await scene.compose();
  await scene.ready();
}

async function linked(scene: Scene): Promise<void> {
  await ready(scene);
  await scene.send();
  await scene.window.until(scene.id, ({ phase }) => phase === "sent");
}

const inMail = (name: string, status: FileState["status"], mail: string): FileState => ({
  name,
  status,
  begin: async (scene) => mailStates.find((state) => state.name === mail)?.begin(scene),
});

export const fileStates: readonly FileState[] = [
  {
    name: "waiting for its turn",
    status: "queued",
    begin: async (scene) => {
      scene.arm({ step: "upload", fault: "hold", times: 9 });
      await scene.compose(2);
      const first = scene.id;
      await scene.window.until(first, ({ attachments }) =>
        attachments.every(({ status }) => status === "uploading"),
      );
      await scene.compose();
    },
  },
  {
    name: "opening a session",
    status: "creating",
    begin: async (scene) => {
      scene.arm({ step: "create", fault: "hold" });
      await scene.compose();
      await until(scene, "creating");
    },
  },
  {
    name: "uploading",
    status: "uploading",
    begin: async (scene) => {
      scene.arm({ step: "upload", fault: "hold" });
      await scene.compose();
      await until(scene, "uploading");
    },
  },
  {
    name: "uploading, waits for another try",
    status: "uploading",
    begin: async (scene) => {
      scene.holdsWaits = true;
      scene.arm({ step: "upload", fault: "resetBeforeBody" });
      await scene.compose();
      await scene.window.until(scene.id, ({ attachments }) => attachments[0]?.flight?.waiting !== undefined);
    },
  },
  {
    name: "completing",
    status: "completing",
    begin: async (scene) => {
      scene.arm({ step: "complete", fault: "hold" });
      await scene.compose();
      await until(scene, "completing");
    },
  },
  { name: "ready", status: "ready", begin: ready },
  {
    name: "expired",
    status: "expired",
    begin: async (scene) => {
      await ready(scene);
      scene.desk.sandbox.clock.advance(2 * hour);
    },
  },
  {
    name: "paused",
    status: "paused",
    begin: async (scene) => {
      scene.arm({ step: "upload", fault: "hold" });
      await scene.compose();
      await until(scene, "uploading");
      await scene.window.runner.pause(scene.id, scene.file);
    },
  },
  {
    name: "failed",
    status: "failed",
    begin: async (scene) => {
      scene.arm({ step: "create", fault: "refuse", status: 400 });
      await scene.compose();
      await until(scene, "failed");
    },
  },
  {
    name: "failed: changed since its upload",
    status: "failed",
    begin: async (scene) => {
      await ready(scene);
      const bytes = sample(6_000, 9);
      scene.desk.witness.expectFile("1.bin", bytes);
      await scene.desk.files.file("1.bin", bytes);
      await scene.send();
      await until(scene, "failed");
    },
  },
  {
    name: "cancelled",
    status: "cancelled",
    begin: async (scene) => {
      await ready(scene);
      await scene.window.runner.cancel(scene.id, scene.file);
    },
  },
  inMail("of a mail that leaves in a moment", "ready", "leaving in a moment"),
  inMail("of a mail that is being sent", "sending", "being sent"),
  inMail("of a mail that was sent", "sent", "sent"),
  inMail("of a mail that was saved", "saved", "saved"),
  inMail("of a mail that is scheduled", "scheduled", "scheduled"),
  inMail("of a mail that may have been sent", "unconfirmed", "may have been sent"),
  { name: "of a mail that was sent with a link to it", status: "sent", door: graphAsLinks, begin: linked },
  {
    name: "whose link is about to end",
    status: "sent",
    door: graphAsLinks,
    begin: async (scene) => {
      await linked(scene);
      scene.freeze();
      await scene.window.runner.stopSharing(scene.id, scene.file);
    },
  },
  {
    name: "whose link has ended",
    status: "sent",
    door: graphAsLinks,
    begin: async (scene) => {
      await linked(scene);
      await scene.window.runner.stopSharing(scene.id, scene.file);
      await scene.window.until(scene.id, ({ attachments }) => attachments[0]?.unshared === "stopped");
    },
  },
];

/** A state for each status: this does not compile when there is a new one. */
export const statuses: Readonly<Record<AttachmentView["status"], true>> = {
  queued: true,
  creating: true,
  uploading: true,
  completing: true,
  ready: true,
  sending: true,
  sent: true,
  saved: true,
  scheduled: true,
  unconfirmed: true,
  paused: true,
  failed: true,
  expired: true,
  cancelled: true,
};

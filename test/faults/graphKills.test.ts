import { graph } from "../support/doors.ts";
import { type Cut, file, killed } from "./killed.ts";

/** Two ranges. */
const large = 4_500_003;

const ofLarge: readonly Cut[] = [
  ["1 draft", "the first record", () => true, "nothing was begun", "waits for Send; then sent"],
  [
    "1 draft",
    "“draft asked for”",
    ({ draftAsked, phase }) => draftAsked && phase !== "composing",
    "waits for Send; then sent",
    "sent",
  ],
  ["1 draft", "the draft", ({ draft, phase }) => draft !== null && phase !== "composing", "sent", "sent"],
  ["2 bytes", "the session", file(({ session }) => session !== null), "sent, new session", "sent, probed"],
  ["2 bytes", "confirmed bytes", file(({ accepted }) => accepted > 0), "sent, probed", "sent, probed"],
  [
    "2 bytes",
    "the attachment’s id",
    file(({ session }) => session?.attachmentId != null),
    "sent, probed",
    "sent",
  ],
  ["2 bytes", "“ready”", file(({ status }) => status === "ready"), "sent", "sent"],
  ["3 send", "the letter", ({ phase }) => phase === "sending", "sent", "sent, looked up"],
  ["3 send", "“sent”", ({ phase }) => phase === "sent", "sent, looked up", "sent"],
];
const ofSmall: readonly Cut[] = [
  ["2 bytes", "the way into the draft", file(({ session }) => session !== null), "sent, new session", "sent"],
  ["2 bytes", "“ready”", file(({ status }) => status === "ready"), "sent", "sent"],
];

describe("A window that is killed, at Microsoft Graph", () => {
  killed("Microsoft Graph: a killed window", ofLarge, graph, large);
  killed("Microsoft Graph: a killed window, a small file", ofSmall, graph, 1_000_003);
});

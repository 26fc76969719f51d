import { google } from "../support/doors.ts";
import { type Cut, killed } from "./killed.ts";

/** Read in two pieces, and sent as a form. */
const large = 4_500_003;

const cuts: readonly Cut[] = [
  ["1 read", "the first record", () => true, "nothing was begun", "waits for Send; then sent"],
  ["2 send", "key, boundary and list of files", ({ phase }) => phase === "sending", "sent", "sent"],
  ["2 send", "“sent”", ({ phase }) => phase === "sent", "sent, same key", "sent"],
];

describe("A window that is killed, where the files travel in the mail", () =>
  killed("Files in the mail itself: a killed window", cuts, google, large));

import { type Cut, file, killed } from "./killed.ts";

const again = "waits for Send; then sent";
const resumed = "sent, probed";

const cuts: readonly Cut[] = [
  ["1 create", "the first record", () => true, "nothing was begun", again],
  [
    "1 create",
    "“session asked for”",
    file(({ status }) => status === "creating"),
    again,
    "sent, asked again",
  ],
  [
    "2 bytes",
    "the session",
    file(({ session }) => session?.serviceStatus === "uploading"),
    "sent, new session",
    resumed,
  ],
  ["2 bytes", "confirmed bytes", file(({ accepted }) => accepted > 0), resumed, resumed],
  ["3 complete", "“completing”", file(({ status }) => status === "completing"), resumed, "sent"],
  ["3 complete", "“ready”", file(({ status }) => status === "ready"), "sent, completed again", "sent"],
  ["4 send", "key and body", ({ phase }) => phase === "sending", "sent", "sent"],
  ["4 send", "“sent”", ({ phase }) => phase === "sent", "sent, same key", "sent"],
];

describe("A window that is killed", () => killed("A killed window", cuts));

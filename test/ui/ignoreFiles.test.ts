import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { Freight, SEND } from "../support/freight.ts";
import { openWorkbench, type WorkbenchSession } from "../support/session.ts";

const nested = Array.from({ length: 112 }, () => "a").join("/");
const files = {
  // A matcher that tries every way takes hours for one of these paths.
  "bomb/.gitignore": `**${"/a/**".repeat(100)}/a/b\n`,
  [`bomb/${nested}/file.txt`]: "text\n",
  // Each of its files takes a hundred milliseconds or so, so that all of them take minutes.
  "slow/.gitignore": `${"*[a-z]".repeat(16)}b\n`.repeat(10_000),
  ...Object.fromEntries(Array.from({ length: 3_000 }, (_, at) => [`slow/${"a".repeat(240)}${at}`, "x"])),
  "large/.gitignore": "\n".repeat(64 * 1024 * 1024),
  "large/file.txt": "text\n",
  "plain/.gitignore": "*.log\n",
  "plain/file.txt": "text\n",
};

describe("ignore files of a folder that somebody else has made", () => {
  let sandbox: Sandbox;
  let session: WorkbenchSession;
  let freight: Freight;

  before(async () => {
    sandbox = await startSandbox();
    session = await openWorkbench({ files, settings: { "explorer.autoReveal": false } });
    freight = new Freight(session);
    await freight.addAccount(sandbox);
  });
  after(async () => {
    await session?.dispose();
    await sandbox?.close();
  });

  const begin = async (name: string) => {
    await session.workbench.view("Explorer");
    await freight.menu(SEND, session.workbench.file(name));
  };
  const isAsked = async (name: string, detail: string) => {
    await begin(name);
    await session.workbench.dialog
      .filter({ hasText: `“${name}”` })
      .getByText(detail)
      .waitFor();
    await freight.answerDialog(`“${name}”`, "Cancel");
  };

  it("do not hold the editor up, however they branch", () => isAsked("bomb", "2 files"));

  it("are followed until Cancel is pressed, and the editor answers meanwhile and afterwards", async () => {
    await begin("slow");
    const progress = session.workbench.notification("Looking through slow");
    await progress.waitFor();
    await progress.getByRole("button", { name: "Cancel" }).click();
    await progress.waitFor({ state: "hidden" });
    await isAsked("plain", "2 files");
  });

  it("are refused by name when they are larger than anybody writes them", async () => {
    await begin("large");
    await session.workbench
      .notification("“large/.gitignore” is larger than 1 MB and was not used.")
      .waitFor();
    await isAsked("plain", "2 files");
  });
});

import assert from "node:assert/strict";
import type { Uri } from "vscode";
import type { Account } from "../../../../src/accounts/accountBook.ts";
import { FreightError } from "../../../../src/base/errors.ts";
import { readComposeRequest } from "../../../../src/delivery/compose/composeRequest.ts";
import { AttachActs } from "../../../../src/ui/actions/attachActs.ts";

const account: Account = {
  id: "ada",
  service: "graph",
  serviceName: "Microsoft 365",
  hasCalendar: true,
  email: "ada@example.com",
  provider: "microsoft",
  apiUri: "https://graph.example",
  grantId: "me",
};
const event = { id: "e", subject: "Review", startsAt: 0 };
const uri = (fsPath: string) => ({ fsPath }) as Uri;

interface Scene {
  readonly refusesLinks?: boolean;
  readonly chosen?: readonly string[];
  readonly requested?: readonly string[] | undefined;
  readonly calendar?: Account | undefined;
  readonly chosenEvent?: typeof event | undefined;
  readonly begun?: string | undefined;
}

function setUp(scene: Scene = {}) {
  const did: unknown[] = [];
  const noted = (...what: readonly unknown[]) => void did.push(what);
  const acts = new AttachActs({
    files: {
      local: async (uris) => (scene.refusesLinks === true ? [] : uris.map(({ fsPath }) => fsPath)),
      choose: async () => {
        noted("choose");
        return scene.chosen ?? [];
      },
      requested: async (names) => ("requested" in scene ? scene.requested : names),
    },
    mails: {
      begin: async (paths, _begin, from) => {
        noted("begin", paths, from?.id);
        return "begun" in scene ? scene.begun : "new";
      },
      put: async (paths, id) => noted("put", paths, id),
      attachToEvent: async (paths, from, to) => noted("attach", paths, from.id, to.id),
    },
    accounts: { withCalendar: async () => ("calendar" in scene ? scene.calendar : account) },
    book: {
      named: (name) => {
        if (name === account.email) return account;
        throw new FreightError("no-account", name);
      },
    },
    newMail: {
      beginRequest: (_request, who) => {
        noted("filled by", who);
        return async () => ({ body: "", format: "text", imageFolders: null, fillsIn: false });
      },
    },
    chooseEvent: async () => ("chosenEvent" in scene ? scene.chosenEvent : event),
  });
  return { acts, did };
}

describe("Sending files", () => {
  it("takes what was clicked, and asks for files only where nothing was", async () => {
    const clicked = setUp();
    await clicked.acts.send([uri("/a"), uri("/b")]);
    assert.deepEqual(clicked.did, [["begin", ["/a", "/b"], undefined]]);
    const asked = setUp({ chosen: ["/c"] });
    await asked.acts.send([]);
    assert.deepEqual(asked.did, [["choose"], ["begin", ["/c"], undefined]]);
  });

  it("begins nothing where nothing was chosen, or a question was closed", async () => {
    const none = setUp();
    await none.acts.send([]);
    assert.deepEqual(none.did, [["choose"]]);
    const refused = setUp({ refusesLinks: true });
    await refused.acts.send([uri("/a")]);
    await refused.acts.sendInto([uri("/a")], "mail-1");
    assert.deepEqual(refused.did, []);
  });

  it("puts what is dropped or added into the mail that is meant", async () => {
    const { acts, did } = setUp({ chosen: ["/c"] });
    await acts.sendInto([uri("/a")], "mail-1");
    await acts.sendInto([uri("/b")], undefined);
    await acts.addFiles("mail-2");
    assert.deepEqual(did, [
      ["put", ["/a"], "mail-1"],
      ["put", ["/b"], undefined],
      ["choose"],
      ["put", ["/c"], "mail-2"],
    ]);
  });
});

describe("A mail that others fill", () => {
  const request = (argument: object) => readComposeRequest(argument);

  it("is marked as theirs, unless they only ask for an empty one", async () => {
    const filled = setUp();
    assert.deepEqual(await filled.acts.fill(request({ subject: "x" }), "assistant"), { deliveryId: "new" });
    assert.deepEqual(filled.did[0], ["filled by", "assistant"]);
    const empty = setUp();
    await empty.acts.fill(request({}), "command");
    assert.deepEqual(empty.did[0], ["filled by", undefined]);
  });

  it("goes from the account that is named; one that is not there begins nothing", async () => {
    const { acts, did } = setUp();
    await acts.fill(request({ account: "ada@example.com" }), "command");
    assert.deepEqual(did.at(-1), ["begin", [], "ada"]);
    const unknown = setUp();
    await assert.rejects(unknown.acts.fill(request({ account: "bob@example.com" }), "command"), {
      code: "no-account",
    });
    assert.deepEqual(unknown.did, []);
  });

  it("is not begun when the person does not want its files, or leaves while an account is added", async () => {
    const refused = setUp({ requested: undefined });
    assert.equal(await refused.acts.fill(request({ files: ["/a"] }), "command"), undefined);
    assert.deepEqual(refused.did, []);
    const left = setUp({ begun: undefined });
    assert.equal(await left.acts.fill(request({}), "command"), undefined);
  });
});

describe("Attaching files to an event", () => {
  it("asks for the files, the calendar and the event", async () => {
    const { acts, did } = setUp({ chosen: ["/c"] });
    await acts.attachToEvent([]);
    assert.deepEqual(did, [["choose"], ["attach", ["/c"], "ada", "e"]]);
  });

  for (const [what, scene] of [
    ["the files", { refusesLinks: true }],
    ["the calendar", { calendar: undefined }],
    ["the event", { chosenEvent: undefined }],
  ] as const)
    it(`attaches nothing when the person leaves at ${what}`, async () => {
      const { acts, did } = setUp(scene);
      await acts.attachToEvent([uri("/a")]);
      assert.deepEqual(did, []);
    });
});

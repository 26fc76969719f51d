import assert from "node:assert/strict";
import {
  type Account,
  AccountBook,
  accountNote,
  PRACTICE_ID,
  type SecretShelf,
} from "../../src/accounts/accountBook.ts";
import { MemorySecrets } from "../support/engine.ts";
import { MemoryMemento } from "../support/memory.ts";

function account(id: string, change: Partial<Account> = {}): Account {
  return {
    id,
    service: "nylas",
    serviceName: "Nylas",
    hasCalendar: false,
    email: `${id}@example.com`,
    provider: "microsoft",
    apiUri: "https://api.us.nylas.com",
    grantId: "grant",
    ...change,
  };
}

/** A shelf as of a Linux machine without a keyring: takes everything, keeps nothing. */
const leakyShelf: SecretShelf = {
  get: async () => undefined,
  store: async () => {},
  delete: async () => {},
};
const lockedShelf: SecretShelf = {
  ...leakyShelf,
  store: async () => {
    throw new Error("the keyring is locked");
  },
};

describe("The book of accounts", () => {
  let memento: MemoryMemento;
  let secrets: MemorySecrets;
  let book: AccountBook;

  for (const email of [
    "kim\u2019; iex x; #@corp.example",
    "a@b.example, c@d.example",
    "Kim <kim@b.example>",
    "a b",
  ])
    it(`takes no account that is called “${email}”`, async () => {
      await assert.rejects(book.save(account("a", { email }), "key"), {
        code: "bad-answer",
        message: /is not an e-mail address/,
      });
      assert.deepEqual(book.accounts, []);
    });

  it("takes one whose service tells no address under the service's id", async () => {
    await book.save(account("a", { email: "6f3d1b52-8c1e-4f0a-9a53-2b7d54c0e611" }), "key");
    assert.equal(book.accounts.length, 1);
  });

  beforeEach(() => {
    memento = new MemoryMemento();
    secrets = new MemorySecrets();
    book = new AccountBook(memento, secrets);
  });

  const ids = (of: AccountBook) => of.accounts.map(({ id }) => id);

  it("is empty at first", () => {
    assert.deepEqual(book.accounts, []);
    assert.equal(book.defaultAccount, undefined);
    assert.equal(book.find(null), undefined);
  });

  it("keeps accounts in the order they were added, the first as default", async () => {
    await book.save(account("a"), "key-a");
    await book.save(account("b"), "key-b");
    assert.deepEqual(ids(book), ["a", "b"]);
    assert.equal(book.defaultAccount?.id, "a");
  });

  it("lets the practice mailbox be the default only as long as there is no real account", async () => {
    const practice = account(PRACTICE_ID, { service: PRACTICE_ID });
    await book.save(practice, undefined);
    assert.equal(book.defaultAccount?.id, PRACTICE_ID);
    await book.save(account("a"), "key-a");
    await book.save(account("b"), "key-b");
    assert.equal(book.defaultAccount?.id, "a");
    await book.setDefault(PRACTICE_ID); // as an earlier version let people do
    assert.equal(book.defaultAccount?.id, "a");
    await book.setDefault("b");
    assert.equal(book.defaultAccount?.id, "b");
    await book.remove("b");
    assert.equal(book.defaultAccount?.id, "a");
    await book.save(practice, undefined);
    assert.equal(book.defaultAccount?.id, "a");
    await book.remove("a");
    assert.equal(book.defaultAccount?.id, PRACTICE_ID);
  });

  it("reads again what an earlier window kept", async () => {
    await book.save(account("a"), "key-a");
    const next = new AccountBook(memento, secrets);
    assert.deepEqual(ids(next), ["a"]);
    assert.equal(await next.credential(account("a")), "key-a");
  });

  it("keeps the key in secret storage and nowhere else", async () => {
    await book.save(account("a"), "key-a");
    assert.deepEqual([...secrets.values.values()], ["key-a"]);
    assert.ok(!JSON.stringify([...memento.values]).includes("key-a"));
  });

  it("replaces the account with the same id where it stands", async () => {
    await book.save(account("a"), "old");
    await book.save(account("b"), "other");
    await book.save(account("a", { email: "new@example.com" }), "new");
    assert.deepEqual(ids(book), ["a", "b"]);
    assert.equal(book.find("a")?.email, "new@example.com");
    assert.equal(await book.credential(account("a")), "new");
  });

  it("keeps the key that is there when an account is saved without one", async () => {
    await book.save(account("a"), "key-a");
    await book.save(account("a", { email: "new@example.com" }), undefined);
    assert.equal(await book.credential(account("a")), "key-a");
  });

  it("finds an account by its address or id, and says which there are when there is none", async () => {
    await book.save(account("ada"), "key");
    const { email, id } = account("ada");
    assert.deepEqual([book.named(email.toUpperCase()).id, book.named(id).id], [id, id]);
    assert.throws(
      () => book.named("eve@x.example"),
      /no account “eve@x\.example”\. Available accounts: ada@example\.com\./,
    );
  });

  it("says so when a key is no longer there", async () => {
    await book.save(account("a"), undefined);
    await assert.rejects(book.credential(account("a")), { code: "credential-missing", remedy: "updateKey" });
  });

  for (const [shelf, what] of [
    [leakyShelf, "loses the key"],
    [lockedShelf, "refuses the key"],
  ] as const)
    it(`keeps no account whose secret storage ${what}`, async () => {
      const poor = new AccountBook(memento, shelf);
      await assert.rejects(poor.save(account("a"), "key-a"), { code: "secrets-unavailable" });
      await assert.rejects(poor.save(account("a"), "key-b"), { code: "secrets-unavailable" });
      assert.deepEqual(ids(poor), []);
    });

  it("keeps an entry of another version as it is, and reads the others", async () => {
    const foreign = { id: "b", service: 7 };
    await memento.update("freightMail.accounts", { accounts: [account("a"), foreign], defaultId: "a" });
    assert.deepEqual(ids(book), ["a"]);
    await book.save(account("c"), undefined);
    assert.deepEqual(memento.get("freightMail.accounts"), {
      accounts: [account("a"), account("c"), foreign],
      defaultId: "a",
    });
  });

  it("has the default that was chosen", async () => {
    await book.save(account("a"), "key-a");
    await book.save(account("b"), "key-b");
    await book.setDefault("b");
    assert.equal(book.defaultAccount?.id, "b");
  });

  it("forgets the key together with the account", async () => {
    await book.save(account("a"), "key-a");
    await book.save(account("b"), "key-b");
    await book.remove("a");
    assert.deepEqual(ids(book), ["b"]);
    assert.deepEqual([...secrets.values.values()], ["key-b"]);
  });

  it("takes the first of the rest as default when the default is removed", async () => {
    for (const id of ["a", "b", "c"]) await book.save(account(id), "key");
    await book.setDefault("b");
    await book.remove("b");
    assert.equal(book.defaultAccount?.id, "a");
    await book.remove("a");
    await book.remove("c");
    assert.equal(book.defaultAccount, undefined);
  });

  it("tells of every change", async () => {
    let changes = 0;
    book.onDidChange(() => changes++);
    await book.save(account("a"), "key-a");
    await book.save(account("a"), "key-b");
    await book.setDefault("a");
    await book.remove("a");
    assert.equal(changes, 4);
  });

  for (const damaged of [undefined, null, "text", {}, { accounts: [{ id: 1 }], defaultId: null }])
    it(`is empty when what was kept cannot be read: ${JSON.stringify(damaged)}`, async () => {
      await memento.update("freightMail.accounts", damaged);
      assert.deepEqual(book.accounts, []);
      await book.save(account("a"), "key-a");
      assert.deepEqual(ids(book), ["a"]);
    });
});

describe("What tells an account from the others", () => {
  const kim = { email: "kim@example.com" };
  const graph = account("graph", { ...kim, service: "graph", serviceName: "Microsoft 365" });
  const practice = account("practice", { service: "practice", serviceName: "Practice mailbox", ...kim });
  const us = account("us", kim);
  const eu = account("eu", { email: "Kim@Example.com", apiUri: "https://api.eu.nylas.com" });
  const notes = (...all: readonly Account[]) => all.map((one) => accountNote(one, all));

  it("is nothing where its address does", () =>
    assert.deepEqual(notes(us, account("ada")), [undefined, undefined]));
  it("is the service", () => assert.deepEqual(notes(us, graph), ["Nylas", "Microsoft 365"]));
  it("is that nothing leaves the machine", () => assert.equal(notes(practice)[0], "practice mailbox"));
  it("is where its service is, for two of one", () =>
    assert.deepEqual(notes(us, eu, graph), [
      "Nylas, api.us.nylas.com",
      "Nylas, api.eu.nylas.com",
      "Microsoft 365",
    ]));
  it("is a number where nothing else is left", () =>
    assert.deepEqual(notes(us, account("again", kim)), ["Nylas, no. 1", "Nylas, no. 2"]));
});

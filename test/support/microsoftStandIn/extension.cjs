// A real authentication provider whose people and tokens are in a folder that the test writes. It has the id of VS Code's
// own extension and a higher version, so VS Code takes it in the place of that one.
const { randomUUID } = require("node:crypto");
const { appendFileSync, existsSync, readFileSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const vscode = require("vscode");

const folder = process.env.MICROSOFT_STAND_IN;
const read = (name, other) =>
  existsSync(join(folder, name)) ? JSON.parse(readFileSync(join(folder, name), "utf8")) : other;
const write = (name, value) => writeFileSync(join(folder, name), JSON.stringify(value));

class Provider {
  #didChange = new vscode.EventEmitter();
  onDidChangeSessions = this.#didChange.event;

  async getSessions(scopes, { account } = {}) {
    const found = read("sessions.json", []).filter(
      (session) =>
        (scopes === undefined || session.scopes.join(" ") === [...scopes].sort().join(" ")) &&
        (account === undefined || session.account.id === account.id),
    );
    if (scopes !== undefined) this.#note("getSessions", scopes);
    return found.map((session) => ({ ...session, accessToken: this.#token(session.account.id, scopes) }));
  }

  async createSession(scopes, { account } = {}) {
    this.#note("createSession", scopes, account?.id);
    const { next, people, refusal } = read("people.json", {});
    if (refusal !== undefined) throw new Error(refusal);
    if (people[next] === undefined) throw new Error("The person closed the page of Microsoft.");
    const session = {
      id: randomUUID(),
      account: { id: next, label: people[next].label },
      scopes: [...scopes].sort(),
    };
    write("sessions.json", [...read("sessions.json", []), session]);
    const whole = { ...session, accessToken: this.#token(next, scopes) };
    this.#didChange.fire({ added: [whole], removed: [], changed: [] });
    return whole;
  }

  async removeSession(id) {
    const all = read("sessions.json", []);
    write(
      "sessions.json",
      all.filter((session) => session.id !== id),
    );
    const removed = all.filter((session) => session.id === id);
    this.#didChange.fire({ added: [], removed, changed: [] });
  }

  async signOut() {
    for (const { id } of read("sessions.json", [])) await this.removeSession(id);
  }

  /** One after the other, and the last from then on. Lists of all accounts are asked for at any time, and use up none. */
  #token(accountId, scopes) {
    const state = read("people.json", {});
    const { tokens } = state.people[accountId];
    const [token] = tokens;
    if (scopes !== undefined && tokens.length > 1) {
      tokens.shift();
      write("people.json", state);
    }
    return token;
  }

  #note(call, scopes, accountId) {
    appendFileSync(join(folder, "asked.jsonl"), `${JSON.stringify({ call, scopes, accountId })}\n`);
  }
}

exports.activate = (context) => {
  const provider = new Provider();
  context.subscriptions.push(
    vscode.authentication.registerAuthenticationProvider("microsoft", "Microsoft", provider, {
      supportsMultipleAccounts: true,
    }),
    vscode.commands.registerCommand("standIn.signOut", () => provider.signOut()),
  );
};

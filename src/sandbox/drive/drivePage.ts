/**
 * What a recipient finds behind a link. As nobody signs in here, `as` says who they are; `download` returns the bytes,
 * or a range of them. Which links there are, and until when: `driveSharing.ts`.
 */
import { graphUsers } from "../graph/graphUsers.ts";
import type { Exchange, Reply } from "../http/exchange.ts";
import type { DriveItems, Item } from "./driveItems.ts";
import { type DriveSharing, domainOf } from "./driveSharing.ts";

const PRACTICE = "/personal/practice/Documents/";
const LINK = "/:u:/g/personal/practice/";

export class DrivePage {
  readonly name = "drivePage";
  readonly #items: DriveItems;
  readonly #sharing: DriveSharing;

  constructor(parts: { items: DriveItems; sharing: DriveSharing }) {
    this.#items = parts.items;
    this.#sharing = parts.sharing;
  }

  static serves(path: string): boolean {
    return path.startsWith(PRACTICE) || path.startsWith(LINK);
  }

  /** The address of an item itself, for people who may open it by name. */
  static urlOf(origin: string, names: readonly string[]): string {
    return `${origin}${PRACTICE}${names.map(encodeURIComponent).join("/")}`;
  }

  stepOf(): undefined {
    return undefined;
  }

  refusal(status: number, message: string): Reply {
    return page(status, "Something went wrong", `<p>${escaped(message)}</p>`);
  }

  async handle(exchange: Exchange): Promise<Reply> {
    if (exchange.method !== "GET" && exchange.method !== "HEAD")
      return this.refusal(405, "Nothing else can be done here.");
    const { searchParams } = exchange.url;
    const visitor = searchParams.get("as") ?? "";
    const found = this.#find(exchange);
    if (found?.item.file === undefined)
      return page(404, "This link does not work", "<p>It was removed, has expired, or the file is gone.</p>");
    const { item, mayOpen, password } = found;
    if (!mayOpen(visitor)) {
      if (visitor === "") return page(401, "Sign in", `<p>Who are you?</p>${question("as", "email")}`);
      return page(403, "You need permission", `<p>${escaped(visitor)} may not open this file.</p>`);
    }
    if (password !== undefined && searchParams.get("password") !== password)
      return page(401, "Enter the password", question("password", "password"));
    if (!searchParams.has("download")) {
      const { name, file } = item;
      const hidden = [...searchParams].map(
        ([key, value]) => `<input type="hidden" name="${escaped(key)}" value="${escaped(value)}">`,
      );
      return page(
        200,
        name,
        `<p>${file?.size} bytes</p><form>${hidden.join("")}<button name="download" value="1">Download</button></form>`,
      );
    }
    return this.#bytes(item, exchange.header("range"));
  }

  #find({ url: { pathname }, segments }: Exchange) {
    if (pathname.startsWith(LINK)) {
      const found = this.#sharing.behind(pathname.slice(LINK.length));
      if (found === undefined) return undefined;
      const { link } = found.permission;
      const mayOpen = (visitor: string) =>
        link?.scope === "anonymous" || domainOf(visitor) === domainOf(graphUsers[0].mail);
      return { item: found.item, mayOpen, password: link?.password };
    }
    const path = `/${segments?.join("/")}`;
    for (const item of this.#items.values())
      if (path === `${PRACTICE}${this.#items.namesOf(item).join("/")}`)
        return {
          item,
          mayOpen: (visitor: string) => this.#sharing.isInvited(item, visitor),
          password: undefined,
        };
    return undefined;
  }

  #bytes(item: Item, range: string | undefined): Reply {
    const { size = 0, contentType = "" } = item.file ?? {};
    const file = this.#items.pathOf(item);
    const headers = {
      "Content-Type": contentType,
      "Content-Disposition": `attachment; filename*=UTF-8''${encodeURIComponent(item.name)}`,
      "Accept-Ranges": "bytes",
    };
    const [, from = "", to = ""] = /^bytes=(\d*)-(\d*)$/.exec(range ?? "") ?? [];
    if (from === "" && to === "") return { status: 200, headers, file };
    const first = from === "" ? Math.max(0, size - Number(to)) : Number(from);
    const end = from === "" || to === "" ? size : Math.min(size, Number(to) + 1);
    if (first >= end) return { status: 416, headers: { "Content-Range": `bytes */${size}` } };
    const told = { ...headers, "Content-Range": `bytes ${first}-${end - 1}/${size}` };
    return { status: 206, headers: told, file, slice: { first, end } };
  }
}

function question(name: string, type: string): string {
  return `<form><input name="${name}" type="${type}" aria-label="${name}" required> <button>Open</button></form>`;
}

function page(status: number, title: string, body: string): Reply {
  const text = `<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>${escaped(title)}</title>
<h1>${escaped(title)}</h1>${body}<p>Practice mailbox: nothing here left this machine.</p></html>`;
  return { status, headers: { "Content-Type": "text/html; charset=utf-8" }, text };
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

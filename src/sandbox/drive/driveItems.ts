/**
 * The folders and files of every user's drive, on disk: which names are accepted, what becomes of one that is taken,
 * and whether a file still has room. How much room there is: `driveBehaviour.ts`.
 */
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import type { Clock } from "../base/clock.ts";
import { moveFile, removeFile } from "../base/heldFiles.ts";
import { Records } from "../base/records.ts";
import { GraphError } from "../graph/graphAnswers.ts";
import type { GraphUser } from "../graph/graphUsers.ts";
import type { DriveBehaviour } from "./driveBehaviour.ts";

/** Who may open an item: everybody with a link, or one person. */
const Permission = z.object({
  id: z.string(),
  link: z
    .object({
      token: z.string(),
      type: z.enum(["view", "edit"]),
      scope: z.enum(["anonymous", "organization"]),
      password: z.string().optional(),
    })
    .optional(),
  email: z.string().optional(),
  expiresAt: z.number().optional(),
});
export type Permission = z.infer<typeof Permission>;

const Item = z.object({
  id: z.string(),
  owner: z.string(),
  /** Null for the root. */
  parent: z.string().nullable(),
  name: z.string(),
  createdAt: z.number(),
  /** Absent for a folder. */
  file: z.object({ size: z.number(), contentType: z.string(), sha256: z.string() }).optional(),
  permissions: z.array(Permission).default([]),
});
export type Item = z.infer<typeof Item>;

export const itemNotFound = () => new GraphError(404, "itemNotFound", "The resource could not be found.");
export const invalidRequest = (message: string) => new GraphError(400, "invalidRequest", message);

export class DriveItems {
  readonly #records: Records<Item>;
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #behaviour: DriveBehaviour;

  constructor(options: { folder: string; clock: Clock; behaviour: DriveBehaviour }) {
    this.#records = new Records(join(options.folder, "items"), Item);
    this.#folder = join(options.folder, "files");
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    this.#clock = options.clock;
    this.#behaviour = options.behaviour;
  }

  values(): readonly Item[] {
    return this.#records.values();
  }

  root(user: GraphUser): Item {
    const root = this.values().find(({ owner, parent }) => owner === user.id && parent === null);
    return root ?? this.#put({ ...this.#fresh(user.id), parent: null, name: "root" });
  }

  find(user: GraphUser, id: string): Item {
    const item = this.#records.get(id);
    if (item?.owner !== user.id) throw itemNotFound();
    return item;
  }

  /** Undefined when there is no item of that name. Case does not matter. */
  child(folder: Item, name: string): Item | undefined {
    return this.children(folder).find((item) => item.name.toLowerCase() === name.toLowerCase());
  }

  children({ id }: Item): readonly Item[] {
    return this.values().filter(({ parent }) => parent === id);
  }

  /** The item that the names lead to, starting at a folder. */
  walk(from: Item, names: readonly string[]): Item {
    return names.reduce((folder, name) => {
      const item = this.child(folder, name);
      if (item === undefined) throw itemNotFound();
      return item;
    }, from);
  }

  /** The folder that the names lead to; missing ones are created, as an upload by path does. */
  folderAt(from: Item, names: readonly string[]): Item {
    return names.reduce((folder, name) => {
      const there = this.child(folder, name);
      if (there?.file !== undefined) throw invalidRequest(`${name} is a file.`);
      return there ?? this.addFolder(folder, name);
    }, from);
  }

  addFolder(folder: Item, name: string): Item {
    return this.#put({ ...this.#fresh(folder.owner), parent: folder.id, name: checkedName(name) });
  }

  /** Moves the file at `path` into a folder. */
  addFile(folder: Item, name: string, file: Item["file"], path: string): Item {
    const item = { ...this.#fresh(folder.owner), parent: folder.id, name, file };
    moveFile(path, this.pathOf(item));
    return this.#put(item);
  }

  /** Adds a small file in one piece, replacing one of the same name. */
  addBytes(folder: Item, name: string, bytes: Buffer): Item {
    this.mustHaveRoom(folder.owner, bytes.length);
    const there = this.child(folder, checkedName(name));
    if (there !== undefined) this.delete(there);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const file = { size: bytes.length, sha256, contentType: "application/octet-stream" };
    const item = { ...this.#fresh(folder.owner), parent: folder.id, name, file };
    writeFileSync(this.pathOf(item), bytes, { mode: 0o600 });
    return this.#put(item);
  }

  /** The name for a new file: another one if it is taken and `conflict` says so. */
  freeName(folder: Item, name: string, conflict: "fail" | "rename" | "replace"): string {
    if (this.child(folder, name) === undefined || conflict === "replace") return name;
    if (conflict === "fail")
      throw new GraphError(409, "nameAlreadyExists", "An item with the same name already exists.");
    const [, stem = name, ending = ""] = /^(.+?)(\.[^.]*)?$/.exec(name) ?? [];
    for (let number = 1; ; number++) {
      const other = `${stem} ${number}${ending}`;
      if (this.child(folder, other) === undefined) return other;
    }
  }

  change(item: Item, permissions: readonly Permission[]): void {
    this.#put({ ...item, permissions: [...permissions] });
  }

  delete(item: Item): void {
    for (const child of this.children(item)) this.delete(child);
    this.#records.delete(item.id);
    removeFile(this.pathOf(item));
  }

  /** Where the bytes of a file are. */
  pathOf({ id }: Item): string {
    return join(this.#folder, `${id}.bin`);
  }

  /** Bytes of all files of a user. */
  used(owner: string): number {
    return this.values().reduce((sum, item) => sum + (item.owner === owner ? (item.file?.size ?? 0) : 0), 0);
  }

  /** Throws when the drive has no room for this many more bytes. */
  mustHaveRoom(owner: string, size: number): void {
    if (this.used(owner) + size > this.#behaviour.quotaBytes)
      throw new GraphError(507, "quotaLimitReached", "Insufficient space available.");
  }

  /** The names from the root to an item. */
  namesOf(item: Item): readonly string[] {
    if (item.parent === null) return [];
    const parent = this.#records.get(item.parent);
    return [...(parent === undefined ? [] : this.namesOf(parent)), item.name];
  }

  /** Cleans up after a crash: bytes without an item do no harm, an item without bytes does. */
  forgetBroken(): void {
    for (const item of this.values())
      if (item.file !== undefined && !existsSync(this.pathOf(item))) this.#records.delete(item.id);
  }

  #fresh(owner: string): Omit<Item, "parent" | "name"> {
    const id = `01${randomBytes(16).toString("hex").toUpperCase()}`;
    return { id, owner, createdAt: this.#clock.now(), permissions: [] };
  }

  #put(item: Item): Item {
    this.#records.put(item.id, item);
    return item;
  }
}

/**
 * The name, if a drive accepts it; otherwise throws.
 * https://learn.microsoft.com/onedrive/developer/rest-api/concepts/addressing-driveitems
 */
export function checkedName(name: string): string {
  const isBad =
    name.length === 0 ||
    name.length > 255 ||
    /["*:<>?/\\|\p{Cc}]/u.test(name) ||
    /^[ .~]|[ .]$/.test(name) ||
    /^(con|prn|aux|nul|com\d|lpt\d|\.lock|desktop\.ini)$/i.test(name) ||
    name.includes("_vti_");
  if (isBad) throw invalidRequest("The name in the provided path is not valid.");
  return name;
}

/** What has changed in a large record since it was written whole: a line of a second file for each time that it was saved. */
import { randomUUID } from "node:crypto";
import { changesBetween, withChanges } from "../../../base/jsonChanges.ts";

/** Logs are called `<id of the record>.<name>.log`. */
export const LOG = ".log";
/** Records of fewer characters have none: most have a tenth of that. */
const LOGGED_FROM = 16 * 1024;
/**
 * What the file of a record with a log says it is: a version of before there were logs leaves it alone, as it does with
 * all that it does not know.
 */
const LOGGED_VERSION = 2;

export class RecordLog {
  /** A new one each time that the record is written whole: nobody ever writes to the log of somebody else. */
  readonly name: string;
  /** What record and log say together; undefined where that is not known for certain. */
  #last: unknown;
  /** How long the log is, and may become: as long as its record, which is then better written whole. */
  #length = 0;
  #mostLength: number;

  private constructor(name: string, last: unknown, mostLength: number) {
    this.name = name;
    this.#last = last;
    this.#mostLength = mostLength;
  }

  /** For a record that is written whole; undefined for one that needs none. @param text the record's */
  static for(value: unknown, text: string): RecordLog | undefined {
    return text.length < LOGGED_FROM ? undefined : new RecordLog(randomUUID(), value, text.length);
  }

  /** One that another window has begun: nothing is appended to it. */
  static of({ name }: LoggedRecord): RecordLog {
    return new RecordLog(name, undefined, 0);
  }

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  /** What is to be appended; undefined when the record must be written whole. */
  lineFor(value: unknown): string | undefined {
    // What a person has discarded must not stay in the file that it was in.
    if (this.#mostLength === 0 || isDiscarded(value) !== isDiscarded(this.#last)) return undefined;
    const line = `${JSON.stringify(changesBetween(this.#last, value))}\n`;
    return this.#length + line.length > this.#mostLength ? undefined : line;
  }

  /** The line is durable. @param value that it was for */
  appended(line: string, value: unknown): void {
    this.#last = value;
    this.#length += line.length;
  }

  /** It may end in the middle of a line: nothing is appended to that. */
  end(): void {
    this.#mostLength = 0;
  }
}

function isDiscarded(value: unknown): boolean {
  return typeof value === "object" && value !== null && "discarded" in value && value.discarded === true;
}

interface LoggedRecord {
  /** Of the log. */
  readonly name: string;
  readonly record: unknown;
}

/** What the file of a record says that has a log. */
export function withLog(id: string, text: string, { name }: RecordLog): string {
  return `{"id":${JSON.stringify(id)},"version":${LOGGED_VERSION},"log":"${name}","record":${text}}`;
}

/** Reads that again; undefined for any other file. */
export function loggedIn(value: unknown): LoggedRecord | undefined {
  if (typeof value !== "object" || value === null || !("log" in value) || !("record" in value))
    return undefined;
  const { log: name, record } = value;
  // It becomes the name of a file.
  return typeof name === "string" && /^[\w-]{1,100}$/.test(name) ? { name, record } : undefined;
}

/**
 * A record with all that was noted since. A last line that is torn, or that a power cut has left as zeros, was never
 * durable.
 * @returns undefined when any other line makes no sense: what it said, nobody can know
 */
export function replayed(record: unknown, log: string): unknown {
  const lines = log.split("\n").slice(0, -1);
  const changes = lines.map(parsed);
  if (changes.at(-1) === undefined) changes.pop();
  try {
    return changes.reduce(withChanges, record);
  } catch {
    return undefined; // The store sets it aside and says so.
  }
}

/** Undefined for what is not JSON: a torn file. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Whoever reads it says what that means.
  }
}

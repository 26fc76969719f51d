/** The changes of a large record since it was written whole: one line in a second file for each save. */
import { randomUUID } from "node:crypto";
import { changesBetween, withChanges } from "../../../base/jsonChanges.ts";

/** Logs are called `<id of the record>.<name>.log`. */
export const LOG = ".log";
/** Records of fewer characters have no log; most have a tenth of this. */
const LOGGED_FROM = 16 * 1024;
/**
 * The version in the file of a record with a log: releases from before there were logs leave it alone, as
 * they do every version they do not know.
 */
const LOGGED_VERSION = 2;

export class RecordLog {
  /** A new one each time that the record is written whole, so that no window writes to another one's log. */
  readonly name: string;
  /** The record with the changes in its log; undefined if it is not known for certain. */
  #last: unknown;
  /** The log's length in characters, and its limit: the length of the record, which is then written whole. */
  #length = 0;
  #mostLength: number;

  private constructor(name: string, last: unknown, mostLength: number) {
    this.name = name;
    this.#last = last;
    this.#mostLength = mostLength;
  }

  /** The log of a record that is written whole; undefined if it needs none. @param text the record as JSON */
  static for(value: unknown, text: string): RecordLog | undefined {
    return text.length < LOGGED_FROM ? undefined : new RecordLog(randomUUID(), value, text.length);
  }

  /** A log that another window has begun: nothing is appended to it. */
  static of({ name }: LoggedRecord): RecordLog {
    return new RecordLog(name, undefined, 0);
  }

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  /** The line to append; undefined when the record must be written whole. */
  lineFor(value: unknown): string | undefined {
    // The text of a discarded mail must not stay in the file.
    if (this.#mostLength === 0 || isDiscarded(value) !== isDiscarded(this.#last)) return undefined;
    const line = `${JSON.stringify(changesBetween(this.#last, value))}\n`;
    return this.#length + line.length > this.#mostLength ? undefined : line;
  }

  /** Notes that a line is durable. @param value the record that it leads to */
  appended(line: string, value: unknown): void {
    this.#last = value;
    this.#length += line.length;
  }

  /** Appends nothing any more: the log may end in the middle of a line. */
  end(): void {
    this.#mostLength = 0;
  }
}

function isDiscarded(value: unknown): boolean {
  return typeof value === "object" && value !== null && "discarded" in value && value.discarded === true;
}

interface LoggedRecord {
  /** The log's name. */
  readonly name: string;
  readonly record: unknown;
}

/** The content of the file of a record that has a log. @param text the record as JSON */
export function withLog(id: string, text: string, { name }: RecordLog): string {
  return `{"id":${JSON.stringify(id)},"version":${LOGGED_VERSION},"log":"${name}","record":${text}}`;
}

/** Reads what `withLog` made; undefined for any other content. */
export function loggedIn(value: unknown): LoggedRecord | undefined {
  if (typeof value !== "object" || value === null || !("log" in value) || !("record" in value))
    return undefined;
  const { log: name, record } = value;
  // It becomes part of a file name.
  return typeof name === "string" && /^[\w-]{1,100}$/.test(name) ? { name, record } : undefined;
}

/**
 * A record with the changes in its log. A last line that is torn, or that a power cut has left as zeros, was
 * never durable.
 * @returns undefined when any other line is unreadable: its change is lost
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
    return undefined; // The caller decides what that means.
  }
}

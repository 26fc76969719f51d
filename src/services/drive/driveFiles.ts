/** Files in a person's OneDrive, each in its own folder: the path alone shows whether a file is there. */
import { randomBytes } from "node:crypto";
import * as z from "zod";
import { parseAnswer, serverNow } from "../../net/answers.ts";
import type { Http, HttpAnswer } from "../../net/http.ts";
import { callGraph, type GraphEndpoint, graphUrl } from "../graph/graphApi.ts";
import { readGraphRefusal } from "../graph/graphErrors.ts";
import { ServiceId } from "../mailService.ts";
import { driveError } from "./driveErrors.ts";

export const DriveItem = z.object({
  id: ServiceId,
  name: z.string(),
  size: z.number().optional(),
  webUrl: z.url(),
  parentReference: z.object({ id: ServiceId.nullish(), path: z.string().nullish() }).nullish(),
  folder: z.object({ childCount: z.number().nullish() }).nullish(),
});
export type DriveItem = z.infer<typeof DriveItem>;

const FOLDER = "Freight Mail";
/** The name of a file's own folder: the day, and random digits. */
const OWN_FOLDER = /\/Freight(?: |%20)Mail\/\d{4}-\d\d-\d\d(?: |%20)[0-9a-f]{8}$/;

type Method = Parameters<typeof callGraph>[2];

export class DriveFiles {
  readonly #endpoint: GraphEndpoint;
  readonly #http: Http;
  #aheadMs = 0;

  constructor(endpoint: GraphEndpoint, http: Http) {
    // The files go to the drive of the person who signed in, whoever's mailbox it is.
    this.#endpoint = { ...endpoint, mailbox: "me" };
    this.#http = http;
  }

  get baseUrl(): string {
    return this.#endpoint.baseUrl;
  }

  /** How far the service's clock is ahead of ours in milliseconds, as of its last answer. */
  get aheadMs(): number {
    return this.#aheadMs;
  }

  /** @param path below the drive, without a leading slash @param json sent as the body */
  async call(method: Method, path: string, signal: AbortSignal, json?: unknown): Promise<HttpAnswer> {
    const body = json === undefined ? {} : { body: JSON.stringify(json) };
    const answer = await callGraph(this.#http, this.#endpoint, method, `drive/${path}`, signal, body);
    this.#aheadMs = (serverNow(answer) ?? answer.receivedAt) - answer.receivedAt;
    return answer;
  }

  url(path: string): string {
    return graphUrl(this.#endpoint, `drive/${path}`);
  }

  /** A path from the root that no other file has. */
  newPlace(name: string): string {
    const day = new Date().toISOString().slice(0, 10);
    return `${FOLDER}/${day} ${randomBytes(4).toString("hex")}/${driveName(name)}`;
  }

  /** Creates an empty file at a path. */
  async putEmpty(place: string, signal: AbortSignal): Promise<DriveItem> {
    const answer = await this.call("PUT", `root:/${inPath(place)}:/content`, signal);
    if (answer.status !== 200 && answer.status !== 201) throw driveError(answer, "lookAtAccess");
    return parseAnswer(DriveItem, answer, "file");
  }

  /** The file or folder at a path; undefined when there is none. */
  async at(place: string, signal: AbortSignal): Promise<DriveItem | undefined> {
    return this.#read(`root:/${inPath(place)}`, signal);
  }

  async find(id: string, signal: AbortSignal): Promise<DriveItem | undefined> {
    return this.#read(`items/${encodeURIComponent(id)}`, signal);
  }

  /** Deletes a file, and its own folder if that is empty then; it may be gone already. */
  async delete(item: DriveItem, signal: AbortSignal): Promise<void> {
    await this.#delete(item.id, signal);
    const { id, path } = item.parentReference ?? {};
    if (id != null && OWN_FOLDER.test(path ?? ""))
      await this.#deleteEmpty(await this.find(id, signal), signal);
  }

  /** Deletes the folder of a path if no file has arrived in it. */
  async deletePlace(place: string, signal: AbortSignal): Promise<void> {
    const folder = place.slice(0, place.lastIndexOf("/"));
    await this.#deleteEmpty(await this.at(folder, signal), signal);
  }

  async #deleteEmpty(folder: DriveItem | undefined, signal: AbortSignal): Promise<void> {
    if (folder?.folder?.childCount === 0) await this.#delete(folder.id, signal);
  }

  async #delete(id: string, signal: AbortSignal): Promise<void> {
    const answer = await this.call("DELETE", `items/${encodeURIComponent(id)}`, signal);
    if (answer.status !== 204 && !isMissing(answer)) throw driveError(answer, "delete");
  }

  async #read(path: string, signal: AbortSignal): Promise<DriveItem | undefined> {
    const answer = await this.call("GET", path, signal);
    if (isMissing(answer)) return undefined;
    if (answer.status !== 200) throw driveError(answer, "find");
    return parseAnswer(DriveItem, answer, "file");
  }
}

/** A path, encoded for a request. */
export function inPath(place: string): string {
  return place.split("/").map(encodeURIComponent).join("/");
}

/** True when Graph itself says that nothing is there; a gateway's 404 says nothing about that. */
export function isMissing(answer: HttpAnswer): boolean {
  return (answer.status === 404 || answer.status === 410) && readGraphRefusal(answer).code !== "";
}

/**
 * Turns a name that Windows accepts into one that OneDrive accepts.
 * https://learn.microsoft.com/onedrive/developer/rest-api/concepts/addressing-driveitems
 */
function driveName(name: string): string {
  const clean = name
    .replace(/["*:<>?/\\|\p{Cc}]/gu, "_")
    .replace(/^[ ~.]+/, "_")
    .replace(/[ .]+$/, "_")
    .replace(/_vti_/gi, "_vti-");
  return /^(con|prn|aux|nul|com\d|lpt\d|\.lock|desktop\.ini)$/i.test(clean) ? `_${clean}` : clean;
}

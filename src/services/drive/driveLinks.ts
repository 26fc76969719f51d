/** Files sent as links to OneDrive. https://learn.microsoft.com/graph/api/driveitem-createuploadsession */
import * as z from "zod";
import { FreightError } from "../../base/errors.ts";
import { parseAnswer, serverNow } from "../../net/answers.ts";
import type { Http, HttpAnswer } from "../../net/http.ts";
import { parseJson } from "../../net/json.ts";
import { t } from "../../shared/l10n.ts";
import { GraphRanges } from "../../transfer/graphRanges.ts";
import type { RangeRules } from "../../transfer/rangeRules.ts";
import type { UploadProtocol } from "../../transfer/upload.ts";
import type { Draft } from "../drafts.ts";
import {
  type Audience,
  type AudienceRefusal,
  EndsTooLate,
  type FileLink,
  type LinkAccess,
  MAX_LINKED_BYTES,
} from "../fileLinks.ts";
import type { GraphEndpoint } from "../graph/graphApi.ts";
import {
  type FileLinks,
  type FileToUpload,
  type Leftover,
  ServiceId,
  type ServiceLimits,
  type UploadPlace,
  type UploadSession,
} from "../mailService.ts";
import { assertUploadUrl, uploadLine } from "../uploadUrl.ts";
import { driveError, noOrganization, storageError } from "./driveErrors.ts";
import { DriveFiles, inPath } from "./driveFiles.ts";
import { DriveSharing } from "./driveSharing.ts";

const LIMITS: ServiceLimits = {
  maxFileBytes: MAX_LINKED_BYTES,
  limitOf: "OneDrive",
  parallelUploads: 1,
  expiryMarginMs: 60_000,
  safeRepeatMs: Number.POSITIVE_INFINITY,
};

const RULES: RangeRules = {
  // Must be under 60 MiB and a multiple of 320 KiB; "5-10 MiB" is recommended on good lines.
  rangeBytes: 32 * 320 * 1024,
  gridBytes: 320 * 1024,
  doneStatuses: [200, 201],
  idIn: (answer: HttpAnswer) => Stored.safeParse(parseJson(answer.text)).data?.id,
  listsRename: false,
  tellsPosition: true,
  windowMs: undefined,
  refusal: storageError,
};

const Stored = z.object({ id: ServiceId });
const Session = z.object({ uploadUrl: z.url(), expirationDateTime: z.iso.datetime({ offset: true }) });
const DriveFacts = z.object({ driveType: z.string().optional() });

/** The empty file that is used to try out which audiences are allowed. */
const TRIAL = "Sharing check.txt";
const DELETING_MS = 30_000;
const DAY_MS = 24 * 3_600_000;

export class DriveLinks implements FileLinks {
  readonly limits = LIMITS;
  readonly keepsFiles = true;
  readonly #files: DriveFiles;
  readonly #sharing: DriveSharing;
  readonly #http: Http;
  readonly #monotonicNow: () => number;

  /** @param monotonicNow milliseconds on a clock that does not jump */
  constructor(endpoint: GraphEndpoint, http: Http, monotonicNow = () => performance.now()) {
    this.#files = new DriveFiles(endpoint, http);
    this.#sharing = new DriveSharing(this.#files);
    this.#http = http;
    this.#monotonicNow = monotonicNow;
  }

  async createSession(file: FileToUpload, _draft: Draft | null, signal: AbortSignal): Promise<UploadSession> {
    const place = this.#files.newPlace(file.name);
    const name = place.slice(place.lastIndexOf("/") + 1);
    const item = { "@microsoft.graph.conflictBehavior": "rename", name, fileSize: file.size };
    const answer = await this.#files.call("POST", `root:/${inPath(place)}:/createUploadSession`, signal, {
      item,
    });
    if (answer.status !== 200 && answer.status !== 201) throw driveError(answer, "upload");
    const { uploadUrl, expirationDateTime } = parseAnswer(Session, answer, "upload session");
    assertUploadUrl(uploadUrl, this.#files.baseUrl);
    const now = serverNow(answer) ?? answer.receivedAt;
    return {
      attachmentId: null,
      target: { url: uploadUrl, headers: {}, place },
      expiresAt: Date.parse(expirationDateTime) + answer.receivedAt - now,
    };
  }

  protocol({ target, file }: UploadPlace, line: Http): UploadProtocol {
    if (target?.place === undefined) throw new Error("A file without a place cannot be uploaded");
    return this.#ranges(line, { ...target, place: target.place }, file.size);
  }

  /** Nothing to do: the file is there once its last byte is. */
  async complete(): Promise<void> {}

  async cancel({ target, attachmentId, size }: Leftover, signal: AbortSignal): Promise<void> {
    if (attachmentId !== null) return this.#delete(await this.#files.find(attachmentId, signal), signal);
    const { place } = target ?? {};
    if (target === undefined || place === undefined) return;
    await this.#ranges(this.#http, { ...target, place }, size).cancel(signal);
    // The last byte may have arrived without our knowing.
    await this.#clear(place, signal);
  }

  newTrial(): string {
    return this.#files.newPlace(TRIAL);
  }

  async clearTrial(place: string, signal: AbortSignal): Promise<void> {
    await this.#clear(place, signal);
  }

  async #clear(place: string, signal: AbortSignal): Promise<void> {
    const stored = await this.#files.at(place, signal);
    if (stored === undefined) await this.#files.deletePlace(place, signal);
    else await this.#files.delete(stored, signal);
  }

  /** We have no permission to read a tenant's rules: they are tried on an empty file, then it is deleted. */
  async refusals(
    audiences: readonly Audience[],
    until: number | null,
    own: string,
    signal: AbortSignal,
    place = this.newTrial(),
  ): Promise<readonly AudienceRefusal[]> {
    const type = await this.#driveType(signal).catch((reason: unknown) => {
      if (reason instanceof FreightError && reason.is("link-refused")) return reason;
      throw reason;
    });
    if (type instanceof FreightError)
      return audiences.map((audience) => ({ audience, message: type.message, isTooLong: false }));
    const isPersonal = type === "personal";
    const end = this.#byService(until);
    const item = await this.#files.putEmpty(place, signal);
    try {
      const refusals: AudienceRefusal[] = [];
      for (const audience of audiences) {
        if (isPersonal && audience === "organization") {
          refusals.push({ audience, message: noOrganization(), isTooLong: false });
          continue;
        }
        const people = audience === "recipients" ? [own] : [];
        const refusal = await this.#sharing
          .open(item, { audience, people, until: end }, signal)
          .then(() => undefined, asRefusal);
        if (refusal !== undefined)
          refusals.push({ audience, message: refusal.message, isTooLong: refusal instanceof EndsTooLate });
      }
      return refusals;
    } finally {
      // Not with `signal`: the file must go from the person's OneDrive even if the caller has given up.
      await this.#files.delete(item, AbortSignal.timeout(DELETING_MS));
    }
  }

  async assertThere(signal: AbortSignal): Promise<void> {
    await this.#driveType(signal);
  }

  async #driveType(signal: AbortSignal): Promise<string | undefined> {
    const answer = await this.#files.call("GET", "", signal);
    if (answer.status !== 200) throw driveError(answer, "lookAtDrive");
    return parseAnswer(DriveFacts, answer, "drive").driveType;
  }

  async open(fileId: string, access: LinkAccess, signal: AbortSignal): Promise<FileLink> {
    const item = await this.#files.find(fileId, signal);
    if (item === undefined)
      throw new FreightError("file-lost", t("The file is no longer in your OneDrive. Upload it again."), {
        remedy: "retry",
      });
    const byService = { ...access, until: this.#byService(access.until) };
    return { ...byService, url: await this.#sharing.open(item, byService, signal) };
  }

  /** Links end by the service's clock, as recipients see it: an end by ours is moved if ours is days off. */
  #byService(until: number | null): number | null {
    const { aheadMs } = this.#files;
    if (until === null || Math.abs(aheadMs) < DAY_MS) return until;
    return Math.ceil((until + aheadMs) / DAY_MS) * DAY_MS;
  }

  async close(fileId: string, signal: AbortSignal): Promise<void> {
    await this.#sharing.close(fileId, signal);
  }

  async #delete(item: Awaited<ReturnType<DriveFiles["at"]>>, signal: AbortSignal): Promise<void> {
    if (item !== undefined) await this.#files.delete(item, signal);
  }

  #ranges(line: Http, { url, place }: { url: string; place: string }, total: number): GraphRanges {
    assertUploadUrl(url, this.#files.baseUrl);
    return new GraphRanges(uploadLine(line, this.#files.baseUrl), {
      url,
      total,
      findStored: async (signal) => {
        const item = await this.#files.at(place, signal);
        return item?.size === total ? item.id : undefined;
      },
      monotonicNow: this.#monotonicNow,
      rules: RULES,
    });
  }
}

/** Keeps what the organization forbids; other refusals say nothing, as nobody can invite themselves. */
function asRefusal(reason: unknown): FreightError | undefined {
  if (!(reason instanceof FreightError) || !reason.is("link-refused", "request-refused")) throw reason;
  return reason.is("link-refused") ? reason : undefined;
}

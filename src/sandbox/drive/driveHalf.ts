/**
 * Builds the part of the sandbox that plays OneDrive, and says which paths are its own. What it answers: `drive.ts`.
 */
import { join } from "node:path";
import type { Clock } from "../base/clock.ts";
import type { GraphAnswers } from "../graph/graphAnswers.ts";
import type { GraphTokens } from "../graph/graphTokens.ts";
import type { Service } from "../http/service.ts";
import { Drive } from "./drive.ts";
import { type DriveBehaviour, usualDrive } from "./driveBehaviour.ts";
import { DriveItems } from "./driveItems.ts";
import { DrivePage } from "./drivePage.ts";
import { DriveSessions } from "./driveSessions.ts";
import { DriveSharing } from "./driveSharing.ts";
import { DriveUploadHost } from "./driveUploadHost.ts";

export class DriveHalf {
  readonly behaviour: DriveBehaviour = { ...usualDrive };
  readonly #api: Drive;
  readonly #uploadHost: DriveUploadHost;
  readonly #page: DrivePage;
  readonly #sessions: DriveSessions;

  constructor(options: {
    folder: string;
    tokens: GraphTokens;
    answers: GraphAnswers;
    clock: Clock;
    /** Where bytes are uploaded to, and where the pages behind links are. */
    bytesOrigin: () => string;
  }) {
    const { tokens, answers, clock, bytesOrigin: origin } = options;
    const { behaviour } = this;
    const folder = join(options.folder, "drive");
    const items = new DriveItems({ folder, clock, behaviour });
    items.forgetBroken();
    const sessions = new DriveSessions({ folder, items, tokens, clock, behaviour, origin });
    const sharing = new DriveSharing({ items, clock, behaviour, origin });
    const api = new Drive({ tokens, items, sessions, sharing, answers, behaviour, pages: origin });
    this.#api = api;
    this.#uploadHost = new DriveUploadHost({
      sessions,
      answers,
      behaviour,
      describe: (item) => api.describe(item),
    });
    this.#page = new DrivePage({ items, sharing });
    this.#sessions = sessions;
  }

  /** The service for a path at Graph's address; undefined: Graph itself. */
  atApi(path: string): Service | undefined {
    return Drive.serves(path) ? this.#api : undefined;
  }

  /** The same at the address for bytes. */
  atBytes(path: string): Service | undefined {
    if (DriveUploadHost.serves(path)) return this.#uploadHost;
    return DrivePage.serves(path) ? this.#page : undefined;
  }

  forgetOld(): void {
    this.#sessions.forgetOld();
  }
}

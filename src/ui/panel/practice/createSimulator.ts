/** Builds "Make It Hard". Loaded when it is first opened. */
import * as vscode from "vscode";
import type { Memento } from "../../../accounts/accountBook.ts";
import type { Log } from "../../../base/log.ts";
import type { DeliveryRecord } from "../../../delivery/record/delivery.ts";
import { isPracticeMail } from "../../../delivery/record/practiceWords.ts";
import { isUnfinished } from "../../../delivery/record/queries.ts";
import type { DeliveryStore } from "../../../delivery/store/store.ts";
import type { Http } from "../../../net/http.ts";
import type { PracticeMailbox } from "../../../services/practice.ts";
import { PracticeControl } from "../../../services/practiceControl.ts";
import type { Dialogs } from "../../notices/dialogs.ts";
import type { PracticeMails } from "../../views/practiceMails.ts";
import { killHost } from "./hostKill.ts";
import { Simulator, type SimulatorOptions } from "./simulator.ts";

export interface SimulatorParts {
  readonly store: DeliveryStore;
  readonly memory: Memento;
  readonly practice: PracticeMailbox;
  readonly http: Http;
  readonly mails: PracticeMails;
  readonly dialogs: Dialogs;
  readonly log: Log;
  readonly post: SimulatorOptions["post"];
}

export function createSimulator(deliveryId: string, parts: SimulatorParts): Simulator {
  const { store, memory, practice, http, mails, dialogs, log, post } = parts;
  const isReal = (mail: DeliveryRecord) => !isPracticeMail(mail) && isUnfinished(mail);
  const host = {
    ...{ dialogs, memory, now: Date.now },
    hasRealWork: () => store.list().some(isReal),
    isDebugging: () => vscode.debug.activeDebugSession !== undefined,
    hasTasks: () => vscode.tasks.taskExecutions.length > 0,
    kill: () => process.kill(process.pid, "SIGKILL"),
  };
  return new Simulator(deliveryId, {
    find: () => store.find(deliveryId),
    control: new PracticeControl(practice, http),
    killHost: (first) => killHost(host, first),
    ...{ post, memory, mails, log },
  });
}

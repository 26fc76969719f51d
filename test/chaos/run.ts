import { type LineTrouble, troubleLines } from "../support/badLines.ts";
import { Desk } from "../support/desk.ts";
import type { Door } from "../support/doors.ts";
import { giveShape, shapes } from "../support/shapes.ts";
import { Scene } from "./scene.ts";
import type { Schedule } from "./schedule.ts";

/** Runs a schedule to its end. @throws AssertionError when something was lost, doubled, mixed, claimed or left running */
export async function run(schedule: Schedule, door: Door, otherDoor: Door): Promise<void> {
  const desk = await Desk.set(door);
  const machine = desk.machine(schedule.countsSleep);
  // Used up by what meets it, and needed whole when the schedule is run again.
  const lines: LineTrouble = { broken: [...schedule.lines.broken], unopened: [...schedule.lines.unopened] };
  const ports = [
    desk.sandbox.nylas.apiUri,
    desk.sandbox.graph.baseUrl,
    desk.sandbox.graph.uploadOrigin,
    desk.sandbox.storageOrigin,
  ].map((origin) => Number(new URL(origin).port));
  const endTrouble = troubleLines(ports, lines);
  try {
    const { shape } = schedule;
    if (shape !== undefined)
      for (const rows of [shapes.graph, shapes.nylas])
        giveShape(desk.sandbox, rows[shape % rows.length] ?? {});
    if (shape !== undefined)
      Object.assign(desk.sandbox.graph.drive, shapes.drive[shape % shapes.drive.length]);
    desk.sandbox.faults.arm(...schedule.faults);
    machine.disk.trouble.slow = schedule.slowDisk;
    machine.secretTurns = schedule.slowSecrets;
    const scene = new Scene({ desk, machine, schedule, otherDoor, lines });
    await scene.begin();
    if (schedule.isEarly)
      await scene.perform({
        after: 0,
        inWait: false,
        deed: "send",
        file: 0,
        window: 0,
        isAwaited: true,
        seconds: 0,
      });
    for (const act of schedule.acts) await scene.perform(act);
    await scene.end();
    await desk.clear();
  } catch (reason) {
    throw new Error(`${reason instanceof Error ? reason.message : reason}\n\n${desk.story}`, {
      cause: reason,
    });
  } finally {
    endTrouble();
    await desk.clear().catch(() => {}); // What it finds is found already.
    machine.dispose();
  }
}

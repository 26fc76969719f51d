import type { WorkbenchSession } from "./session.ts";

/** The sessions that are open now; of a test that fails, pictures of them are kept. */
export const openSessions = new Set<WorkbenchSession>();

// Loaded by mocha before any test: within `npm test` fast-check draws the same inputs each time, so that what is built
// today is not refused for what was always wrong. A suite or a file that is run by itself draws new ones, and prints them.
import fc from "fast-check";

if (process.env["FREIGHT_WITHIN_TEST"] === "1") fc.configureGlobal({ seed: 1_109 });

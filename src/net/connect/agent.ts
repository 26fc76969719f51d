/** What we take of undici, which opens and keeps the connections. When one is opened, and where to: `dialler.ts`. */
/// <reference path="./undiciPaths.d.ts" />
// Imported file by file: the whole package brings WebSocket, fetch, caches and mocks, a third of all our
// code, and puts its dispatcher under the `fetch` of every other extension. Loaded when the first request
// needs it. The version is pinned, and test/unit/net/undici.test.ts checks that these files are what undici
// exports.
import connect from "undici/lib/api/api-connect.js";
import request from "undici/lib/api/api-request.js";
import buildConnector from "undici/lib/core/connect.js";
import Agent from "undici/lib/dispatcher/agent.js";
import Client from "undici/lib/dispatcher/client.js";
import Dispatcher from "undici/lib/dispatcher/dispatcher.js";

// As undici's own index does.
Dispatcher.prototype.connect = connect;
Dispatcher.prototype.request = request;

export { Agent, buildConnector, Client };

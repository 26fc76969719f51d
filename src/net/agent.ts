// A module of our own between: a bundler gives a CommonJS package that is imported dynamically no named exports.
export { Agent, buildConnector, Client } from "undici";

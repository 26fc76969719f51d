// Wine 8 has none of the socket options behind this: without it, no connection of undici would succeed.
require("node:net").Socket.prototype.setKeepAlive = function () {
  return this;
};

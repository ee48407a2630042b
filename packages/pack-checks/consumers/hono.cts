import core = require("@personify-auth/core");
import adapter = require("@personify-auth/hono");
import expectType = require("expect-type");
import hono = require("hono");

const { expectTypeOf } = expectType;

const options: adapter.PersonifyOptions = core.optionsFromEnv(process.env);
new hono.Hono().use(adapter.personify(options)).get("/", async (c) => {
  expectTypeOf(c.var.personify).toEqualTypeOf<core.PersonifyClient>();
  expectTypeOf(await c.var.personify.get("/a")).toBeUnknown();
  return c.text("");
});
// @ts-expect-error there is no such option
adapter.personify({ ...options, alowedTenants: ["a"] });

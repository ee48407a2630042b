import core = require("@personify-auth/core");
import adapter = require("@personify-auth/koa");
import expectType = require("expect-type");
import Koa = require("koa");

const { expectTypeOf } = expectType;

const options: adapter.PersonifyOptions = core.optionsFromEnv(process.env);
const app = new Koa();
app.use(adapter.personify(options));
app.use(async (ctx) => {
  expectTypeOf(ctx.personify).toEqualTypeOf<core.PersonifyClient>();
  expectTypeOf(await ctx.personify.get("/a")).toBeUnknown();
});
// @ts-expect-error there is no such option
adapter.personify({ ...options, alowedTenants: ["a"] });

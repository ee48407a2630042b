import core = require("@personify-auth/core");
import adapter = require("@personify-auth/express");
import expectType = require("expect-type");
import express = require("express");

const { expectTypeOf } = expectType;

const options: adapter.PersonifyOptions = core.optionsFromEnv(process.env);
const app = express();
app.use(adapter.personify(options));
app.get("/", async (req, res) => {
  expectTypeOf(req.personify).toEqualTypeOf<core.PersonifyClient>();
  expectTypeOf(await req.personify.get("/a")).toBeUnknown();
  res.json({});
});
// @ts-expect-error there is no such option
adapter.personify({ ...options, alowedTenants: ["a"] });

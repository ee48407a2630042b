import core = require("@personify-auth/core");
import adapter = require("@personify-auth/NAME");
import expectType = require("expect-type");
import http = require("node:http");

const { expectTypeOf } = expectType;

const options: adapter.PersonifyOptions = core.optionsFromEnv(process.env);
const middleware = adapter.personify(options);
http.createServer((request, response) => {
  middleware(request, response, () => {
    expectTypeOf(request.personify).toEqualTypeOf<core.PersonifyClient>();
  });
});
// @ts-expect-error there is no such option
adapter.personify({ ...options, alowedTenants: ["a"] });

import { hostInWorker } from "@personify-auth/contract/app";
import { Hono } from "hono";
import { build } from "./contract-app.test.support.ts";

export default hostInWorker((app) => build(Hono, app) as never);

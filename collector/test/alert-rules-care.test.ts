import { testRules } from './_util/four-tests.js';

testRules('care');

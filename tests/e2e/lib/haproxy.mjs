// HAProxy with a whole configuration.
import { Proxy } from './proxy.mjs';

const command = (folder) => ['/usr/sbin/haproxy', '-db', '-q', '-f', `${folder}/proxy.conf`];

export const startHaproxy = (configuration) => Proxy.start(command, configuration);

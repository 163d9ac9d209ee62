// nginx, with what stands outside of a site's own configuration.
import { Proxy } from './proxy.mjs';

// As root it would give its processes to `nobody`, who cannot enter a private folder.
const user = process.getuid() === 0 ? 'user root;' : '';

const whole = (site, folder) => `
${user}
pid ${folder}/pid;
error_log stderr notice;
worker_processes 1;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  scgi_temp_path ${folder}/scgi;
  uwsgi_temp_path ${folder}/uwsgi;
  types { text/html html; }
${site}
}
`;

const command = (folder) => [
  '/usr/sbin/nginx', '-p', folder, '-c', `${folder}/proxy.conf`, '-e', 'stderr', '-g', 'daemon off;'];

// `site(port)`: what goes into the http context.
export const startNginx = (site) => Proxy.start(command, (port, folder) => whole(site(port, folder), folder));

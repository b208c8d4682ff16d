import { chownSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../process/installed.js';
import { serverAccount } from './server-account.js';
import { type ServerProcess, startServerProcess } from './server-process.js';

/** Debian's place for Tomcat's classes. */
const HOME = '/usr/share/tomcat10';
const BOOTSTRAP = join(HOME, 'bin/bootstrap.jar');
/** Tomcat remembers a directory's date that long, if it isn't told otherwise. */
const OWN_MEMORY_MS = 5_000;

const program = findProgram('java');

/** What Tomcat lacks to run here, or null. */
export const tomcatMissing: string | null =
  program === null || !existsSync(BOOTSTRAP) ? 'Tomcat 10 (Debian: tomcat10-common, default-jre-headless)' : null;

/**
 * Serves a directory by Tomcat's WebDAV servlet at the root of the answered URL.
 * What it read of a path it answers from memory for `memoryMs`.
 */
export async function startTomcat(options: {
  readonly directory: string;
  readonly port?: number;
  readonly memoryMs?: number;
}): Promise<ServerProcess> {
  const { directory, port, memoryMs = OWN_MEMORY_MS } = options;
  if (program === null) throw new Error(`This machine lacks ${tomcatMissing}`);
  return startServerProcess(
    ({ port, scratch }) => {
      for (const name of ['conf', 'logs', 'temp', 'webapps', 'work']) {
        mkdirSync(join(scratch, name));
        if (serverAccount !== null) chownSync(join(scratch, name), serverAccount.uid, serverAccount.gid);
      }
      writeFileSync(join(scratch, 'conf/server.xml'), serverXml({ port, directory, memoryMs }));
      writeFileSync(join(scratch, 'conf/web.xml'), WEB_XML);
      return {
        program,
        args: [
          // Enough for these trees, and quick to start.
          ...['-Xmx192m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xshare:auto'],
          // Names are UTF-8 whatever the machine's locale says.
          '-Dsun.jnu.encoding=UTF-8',
          '-Dfile.encoding=UTF-8',
          `-Djava.io.tmpdir=${join(scratch, 'temp')}`,
          `-Dcatalina.home=${HOME}`,
          `-Dcatalina.base=${scratch}`,
          ...['-cp', `${BOOTSTRAP}:${join(HOME, 'bin/tomcat-juli.jar')}`],
          ...['org.apache.catalina.startup.Bootstrap', 'start'],
        ],
        env: { LC_ALL: 'C.UTF-8' },
        account: serverAccount,
      };
    },
    { port },
  );
}

function serverXml(options: { readonly port: number; readonly directory: string; readonly memoryMs: number }): string {
  const { port, directory, memoryMs } = options;
  return `<Server port="-1">
  <Service name="Catalina">
    <!-- Connections end neither after some requests nor when they idle for a moment, not in the middle of a test. -->
    <Connector address="127.0.0.1" port="${port}" protocol="HTTP/1.1" maxThreads="32"
               keepAliveTimeout="60000" maxKeepAliveRequests="-1" />
    <Engine name="Catalina" defaultHost="localhost">
      <Host name="localhost" appBase="webapps" autoDeploy="false" deployOnStartup="false">
        <Context path="" docBase="${directory}">
          <Resources cacheTtl="${memoryMs}" cachingAllowed="${memoryMs > 0}" />
        </Context>
      </Host>
    </Engine>
  </Service>
</Server>
`;
}

const WEB_XML = `<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0" metadata-complete="true">
  <servlet>
    <servlet-name>webdav</servlet-name>
    <servlet-class>org.apache.catalina.servlets.WebdavServlet</servlet-class>
    <init-param><param-name>listings</param-name><param-value>true</param-value></init-param>
    <load-on-startup>1</load-on-startup>
  </servlet>
  <servlet-mapping><servlet-name>webdav</servlet-name><url-pattern>/*</url-pattern></servlet-mapping>
</web-app>
`;

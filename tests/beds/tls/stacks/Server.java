// Java's JSSE, one listener for each line of the file that is named: answers 401 to everything.
// A line is: port, PKCS #12 file, its password, protocols (with commas), suites (with commas; `-`: the default).

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.FileInputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

public class Server {
    public static void main(String[] arguments) throws Exception {
        for (String line : Files.readAllLines(Path.of(arguments[0]))) {
            serve(line.split(" "));
        }
    }

    private static void serve(String[] told) throws Exception {
        char[] password = told[2].toCharArray();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(new FileInputStream(told[1]), password);
        KeyManagerFactory managers = KeyManagerFactory.getInstance("SunX509");
        managers.init(keys, password);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        InetSocketAddress at = new InetSocketAddress(InetAddress.getByName("127.0.0.1"), Integer.parseInt(told[0]));
        HttpsServer server = HttpsServer.create(at, 100);
        server.setHttpsConfigurator(new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters settings = context.getDefaultSSLParameters();
                settings.setProtocols(told[3].split(","));
                if (!told[4].equals("-")) {
                    settings.setCipherSuites(told[4].split(","));
                }
                settings.setUseCipherSuitesOrder(true);
                parameters.setSSLParameters(settings);
            }
        });
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(401, -1);
            exchange.close();
        });
        server.setExecutor(Executors.newCachedThreadPool());
        server.start();
    }
}

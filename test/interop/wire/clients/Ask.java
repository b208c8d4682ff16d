import java.net.Authenticator;
import java.net.HttpURLConnection;
import java.net.PasswordAuthentication;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;

/** Both clients of the JDK, which send credentials when they are asked for them: ADDRESS USER PASSWORD. */
class Ask {
    public static void main(String[] args) throws Exception {
        URI address = URI.create(args[0]);
        Authenticator authenticator = new Authenticator() {
            @Override
            protected PasswordAuthentication getPasswordAuthentication() {
                return new PasswordAuthentication(args[1], args[2].toCharArray());
            }
        };
        HttpClient client = HttpClient.newBuilder().authenticator(authenticator).build();
        System.out.println(client.send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString()).body());

        HttpURLConnection connection = (HttpURLConnection) address.toURL().openConnection();
        connection.setAuthenticator(authenticator);
        System.out.println(new String(connection.getInputStream().readAllBytes(), "UTF-8"));
    }
}

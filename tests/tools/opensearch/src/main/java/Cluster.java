import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.codelibs.opensearch.runner.OpenSearchRunner;
import org.opensearch.common.settings.Settings;

/**
 * A cluster of OpenSearch nodes in one process: FOLDER NODES [FIRST_HTTP_PORT].
 *
 * When all nodes are there and answer, their addresses are written to standard output, in one line, with commas. Then
 * each line of standard input is a command, answered with one line: `stop 2` closes the second node without a word to
 * the others, `start 2` brings it back with its data, at its address. At the end of the input everything is stopped
 * and the folder is removed.
 */
public final class Cluster {
    private static final String HOST = "127.0.0.1";
    private static final int PATIENCE_MILLISECONDS = 120_000;
    private static final int PAUSE_MILLISECONDS = 100;
    private static final Logger LUCENE = Logger.getLogger("org.apache.lucene"); // loggers that nobody holds forget

    private final OpenSearchRunner runner = new OpenSearchRunner();
    private final Path folder;
    private final List<Integer> httpPorts;
    private final List<Integer> transportPorts;
    private boolean stopped;

    private Cluster(Path folder, List<Integer> httpPorts, List<Integer> transportPorts) {
        this.folder = folder;
        this.httpPorts = httpPorts;
        this.transportPorts = transportPorts;
    }

    public static void main(String[] arguments) throws Exception {
        PrintStream answers = System.out;
        System.setOut(System.err); // the library tells of itself on standard output
        LUCENE.setLevel(Level.SEVERE); // it recommends flags
        int nodes = Integer.parseInt(arguments[1]);
        int first = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 0;
        List<Integer> free = freePorts(2 * nodes);
        List<Integer> given = IntStream.range(first, first + nodes).boxed().toList();
        List<Integer> http = first == 0 ? free.subList(0, nodes) : given;
        Cluster cluster = new Cluster(Path.of(arguments[0]), http, free.subList(nodes, 2 * nodes));
        Runtime.getRuntime().addShutdownHook(new Thread(cluster::stopAll));
        cluster.startAll();
        answers.println(cluster.addresses());
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            answers.println(cluster.answer(line));
        }
        System.exit(0);
    }

    /** As many ports as asked for, all different. */
    private static List<Integer> freePorts(int count) throws IOException {
        List<ServerSocket> held = new ArrayList<>();
        for (int number = 0; number < count; number++) {
            held.add(new ServerSocket(0, 1, InetAddress.getByName(HOST)));
        }
        List<Integer> ports = held.stream().map(ServerSocket::getLocalPort).toList();
        for (ServerSocket socket : held) {
            socket.close();
        }
        return ports;
    }

    private String addresses() {
        return httpPorts.stream().map(Cluster::address).collect(Collectors.joining(","));
    }

    private static String address(int port) {
        return "http://" + HOST + ":" + port;
    }

    private void startAll() throws IOException, InterruptedException {
        runner.onBuild(this::configure)
            .build(OpenSearchRunner.newConfigs()
                .basePath(folder.toString())
                .clusterName("arkhiv-tests-" + transportPorts.get(0))
                .numOfNode(httpPorts.size())
                .useLogger()
                .disableESLogger());
        for (int port : httpPorts) {
            await(port, "&wait_for_status=green");
        }
    }

    private void configure(int number, Settings.Builder settings) {
        settings.put("node.name", name(number))
            .put("network.host", HOST)
            .put("http.port", httpPorts.get(number - 1))
            .put("transport.port", transportPorts.get(number - 1))
            .putList("discovery.seed_hosts", transportPorts.stream().map(port -> HOST + ":" + port).toList())
            .putList("node.roles", "cluster_manager", "data", "ingest")
            .put("node.processors", 2)
            // The tests of one run may leave no room on a small disk, and make many small indexes.
            .put("cluster.routing.allocation.disk.threshold_enabled", false)
            .put("cluster.max_shards_per_node", 10_000);
        if (httpPorts.size() > 1) { // which the library knows a setting of its own for
            // The first node is a cluster by itself at once, and the others join it.
            settings.put("cluster.initial_cluster_manager_nodes", name(1));
        }
    }

    private static String name(int number) {
        return "node-" + number;
    }

    /** Wait until a node answers that the cluster has all its running nodes. */
    private void await(int port, String condition) throws IOException, InterruptedException {
        long running = IntStream.range(0, httpPorts.size()).filter(at -> !runner.getNode(at).isClosed()).count();
        URI question = URI.create(
            address(port) + "/_cluster/health?timeout=5s&wait_for_nodes=" + running + condition);
        long end = System.currentTimeMillis() + PATIENCE_MILLISECONDS;
        while (!isAnswered(question)) {
            if (System.currentTimeMillis() > end) {
                throw new IOException("no answer to " + question);
            }
            Thread.sleep(PAUSE_MILLISECONDS);
        }
    }

    /** Where what is waited for did not come, the status is 408, which is an exception of the stream's. */
    private static boolean isAnswered(URI question) throws IOException {
        URLConnection connection = question.toURL().openConnection();
        connection.setConnectTimeout(1_000);
        connection.setReadTimeout(10_000);
        try (InputStream stream = connection.getInputStream()) {
            stream.readAllBytes();
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** What a command did, or why it failed. */
    private String answer(String line) {
        try {
            String[] words = line.strip().split("\\s+");
            int number = words.length == 2 ? Integer.parseInt(words[1]) : 0;
            if (number < 1 || number > httpPorts.size()) {
                throw new IllegalArgumentException("write stop or start, and the number of a node");
            }
            return switch (words[0]) {
                case "stop" -> stop(number);
                case "start" -> start(number);
                default -> throw new IllegalArgumentException("there is no command " + words[0]);
            };
        } catch (IOException | InterruptedException | RuntimeException error) {
            return "failed: " + error.getMessage();
        }
    }

    private String stop(int number) throws IOException {
        runner.getNode(number - 1).close();
        return "stopped " + number;
    }

    private String start(int number) throws IOException, InterruptedException {
        if (runner.startNode(number - 1)) {
            await(httpPorts.get(number - 1), "");
        }
        return "started " + number;
    }

    private synchronized void stopAll() {
        if (stopped) {
            return;
        }
        stopped = true;
        try {
            runner.close();
        } catch (IOException | RuntimeException error) {
            System.err.println("a node was not closed: " + error.getMessage());
        }
        try {
            remove(folder);
        } catch (IOException error) {
            System.err.println("not removed: " + error.getMessage());
        }
    }

    private static void remove(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (NoSuchFileException gone) {
            // removed already
        }
    }
}

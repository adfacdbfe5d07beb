// How does one real node of OpenSearch run here, on loopback alone, without an installation of it?

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.codelibs.opensearch.runner.node.OpenSearchRunnerNode;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.plugins.Plugin;

public class Node {
    // Named in full: one that is missing has to be told, not passed over.
    static final List<String> MODULES = List.of(
        "org.opensearch.analysis.common.CommonAnalysisModulePlugin",
        "org.opensearch.painless.PainlessModulePlugin",
        "org.opensearch.transport.Netty4ModulePlugin");

    /** NAME HTTP_PORT TRANSPORT_PORT SEEDS MANAGERS FOLDER [SETTING=VALUE...] */
    public static void main(String[] given) throws Exception {
        Path home = Path.of(given[5]).toAbsolutePath();
        for (String name : List.of("config", "data", "logs", "modules", "plugins")) {
            Files.createDirectories(home.resolve(name));
        }
        List<Class<? extends Plugin>> plugins = new ArrayList<>();
        for (String module : MODULES) {
            plugins.add(Class.forName(module).asSubclass(Plugin.class));
        }
        Settings.Builder settings = Settings.builder()
            .put("path.home", home).put("path.data", home.resolve("data")).put("path.logs", home.resolve("logs"))
            .put("cluster.name", "postsearch-test").put("node.name", given[0]).put("network.host", "127.0.0.1")
            .put("http.port", given[1]).put("transport.port", given[2])
            .putList("node.roles", "cluster_manager", "data")
            .putList("discovery.seed_hosts", given[3].split(","))
            .putList("cluster.initial_cluster_manager_nodes", given[4].split(","));
        for (int i = 6; i < given.length; i++) {
            settings.put(given[i].split("=", 2)[0], given[i].split("=", 2)[1]);
        }
        Environment environment = InternalSettingsPreparer.prepareEnvironment(
            settings.build(), Map.of(), home.resolve("config"), () -> given[0]);
        OpenSearchRunnerNode node = new OpenSearchRunnerNode(environment, plugins);
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                node.close();
            } catch (Exception error) {
                error.printStackTrace();
            }
            stopped.countDown();
        }));
        node.start();
        stopped.await();
    }
}

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * Numbers the records of each key, exactly once: `{"id":"7","message":"bake"}` comes out as
 * `{"id":"7","message":"bake","fence":3}`. Arguments: bootstrap, input topic, output topic, application id, commit interval
 * in ms. Prints "ready" once it runs.
 */
public class Numbering implements Processor<byte[], byte[], byte[], byte[]> {
  static final String STORE = "fences";

  private ProcessorContext<byte[], byte[]> context;
  private KeyValueStore<byte[], Long> fences;

  @Override
  public void init(ProcessorContext<byte[], byte[]> context) {
    this.context = context;
    fences = context.getStateStore(STORE);
  }

  @Override
  public void process(Record<byte[], byte[]> command) {
    Long before = fences.get(command.key());
    long fence = before == null ? 1 : before + 1;
    fences.put(command.key(), fence);
    context.forward(command.withValue(numbered(command.value(), fence)));
  }

  /** The closing brace gives way to one more field: to parse the rest would only cost. */
  static byte[] numbered(byte[] value, long fence) {
    byte[] end = (",\"fence\":" + fence + "}").getBytes(US_ASCII);
    byte[] all = new byte[value.length - 1 + end.length];
    System.arraycopy(value, 0, all, 0, value.length - 1);
    System.arraycopy(end, 0, all, value.length - 1, end.length);
    return all;
  }

  /** Its changelog has every put, as is the Processor API's default: a cache would leave out all but a key's last. */
  static ProcessorSupplier<byte[], byte[], byte[], byte[]> supplier() {
    StoreBuilder<?> store =
        Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(STORE), Serdes.ByteArray(), Serdes.Long())
            .withLoggingEnabled(Map.of())
            .withCachingDisabled();
    return new ProcessorSupplier<>() {
      @Override
      public Processor<byte[], byte[], byte[], byte[]> get() {
        return new Numbering();
      }

      @Override
      public Set<StoreBuilder<?>> stores() {
        return Set.of(store);
      }
    };
  }

  public static void main(String[] args) {
    Properties settings = new Properties();
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, args[0]);
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, args[3]);
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, args[4]);
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
    settings.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
    settings.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);

    Topology topology = new Topology();
    topology.addSource("commands", args[1]);
    topology.addProcessor("numbering", supplier(), "commands");
    topology.addSink("out", args[2], "numbering");

    KafkaStreams streams = new KafkaStreams(topology, settings);
    streams.setUncaughtExceptionHandler(
        error -> {
          error.printStackTrace();
          return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
    streams.setStateListener(
        (now, before) -> {
          if (now == KafkaStreams.State.RUNNING) System.out.println("ready");
          // Not exit: that would wait for the hook below, and the hook for this thread.
          if (now == KafkaStreams.State.ERROR) Runtime.getRuntime().halt(1);
        });
    // SIGTERM would be exit code 143, although all is well.
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  boolean closed = streams.close(Duration.ofSeconds(30));
                  Runtime.getRuntime().halt(closed ? 0 : 1);
                }));
    streams.start();
  }
}

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.CoveringQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.LongValuesSource;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.search.SimpleCollector;
import org.apache.lucene.search.TermInSetQuery;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.MMapDirectory;
import org.apache.lucene.util.BytesRef;
import org.apache.lucene.util.FixedBitSet;
import org.apache.lucene.util.Version;

/**
 * Subscriptions in Lucene, the way percolators of search engines select candidates: a document per conjunction, a field
 * per clause, a CoveringQuery over one TermInSetQuery per field. As a field can be found only once, the count of fields
 * found is the count of clauses that hold: the answer is exact without a second look.
 *
 * Usage: Covering FOLDER SUBSCRIPTIONS ROUNDS CHANGES. Reads records.npy and policies.npy of FOLDER, writes answers.bin
 * (per policy the count and the numbers, big-endian) and prints figures as JSON: times (and those of the
 * processor) in ms by round and policy.
 */
public final class Covering {
  private static final int LAST = 1 << 31;
  private static final int FIELDS = 8;

  private final IndexWriter writer;
  private final int subscriptions;
  private final ThreadMXBean thread = ManagementFactory.getThreadMXBean();
  private int used = 0;

  private Covering(IndexWriter writer, int subscriptions) {
    this.writer = writer;
    this.subscriptions = subscriptions;
  }

  public static void main(String[] given) throws IOException {
    Path folder = Paths.get(given[0]);
    int subscriptions = Integer.parseInt(given[1]);
    int rounds = Integer.parseInt(given[2]);
    int changes = Integer.parseInt(given[3]);
    IntBuffer records = words(folder.resolve("records.npy"));
    List<List<BytesRef>> policies = policies(words(folder.resolve("policies.npy")));
    double before = residentMb();
    long began = System.nanoTime();
    try (Directory directory = new MMapDirectory(folder.resolve("lucene"));
        IndexWriter writer = new IndexWriter(directory, new IndexWriterConfig().setRAMBufferSizeMB(512))) {
      Covering covering = new Covering(writer, subscriptions);
      covering.index(records);
      double build = seconds(began);
      long bytes = 0;
      for (String file : directory.listAll()) {
        bytes += directory.fileLength(file);
      }
      StringJoiner times = new StringJoiner(",");
      StringJoiner processor = new StringJoiner(",");
      double resident;
      try (DirectoryReader reader = DirectoryReader.open(writer)) {
        IndexSearcher searcher = searcher(reader);
        covering.answer(searcher, policies, folder.resolve("answers.bin"));
        for (int round = 0; round < rounds; round++) {
          covering.timed(searcher, policies, times, processor);
        }
        System.gc();
        resident = residentMb() - before;
      }
      System.out.printf(
          Locale.ROOT,
          "{\"times\":[%s],\"processor\":[%s],\"build_s\":%.3f,\"bytes\":%d,\"rss_mb\":%.1f,%s,\"version\":\"%s\"}%n",
          times, processor, build, bytes, resident, covering.changed(records, changes), Version.LATEST);
    }
  }

  private void index(IntBuffer records) throws IOException {
    for (int at = 0; at < records.limit(); at += records.get(at + 1) & 255) {
      writer.addDocument(document(records, at, records.get(at) & ~LAST));
    }
    writer.forceMerge(1);
    writer.commit();
  }

  private Document document(IntBuffer records, int at, int subscription) {
    Document document = new Document();
    int head = records.get(at + 1);
    int end = at + (head & 255);
    int firstExcluded = end - (head >> 8);
    int field = 0;
    for (int place = at + 2; place < firstExcluded; place++) {
      int word = records.get(place);
      document.add(new StringField("c" + field, Integer.toString(word & ~LAST), Field.Store.NO));
      if ((word & LAST) != 0) {
        field++;
      }
    }
    for (int place = firstExcluded; place < end; place++) {
      document.add(new StringField("not", Integer.toString(records.get(place)), Field.Store.NO));
    }
    document.add(new NumericDocValuesField("clauses", field));
    document.add(new NumericDocValuesField("number", subscription));
    document.add(new StringField("id", Integer.toString(subscription), Field.Store.NO));
    used = Math.max(used, field);
    return document;
  }

  /** The bits of the subscriptions that want a policy. */
  private FixedBitSet match(IndexSearcher searcher, List<BytesRef> tokens) throws IOException {
    List<Query> clauses = new ArrayList<>();
    for (int field = 0; field < Math.min(used, FIELDS); field++) {
      clauses.add(new TermInSetQuery("c" + field, tokens));
    }
    Query query =
        new BooleanQuery.Builder()
            .add(new CoveringQuery(clauses, LongValuesSource.fromLongField("clauses")), BooleanClause.Occur.FILTER)
            .add(new TermInSetQuery("not", tokens), BooleanClause.Occur.MUST_NOT)
            .build();
    FixedBitSet found = new FixedBitSet(subscriptions);
    searcher.search(query, new Numbers(found));
    return found;
  }

  private static final class Numbers extends SimpleCollector {
    private final FixedBitSet found;
    private NumericDocValues numbers;

    Numbers(FixedBitSet found) {
      this.found = found;
    }

    @Override
    protected void doSetNextReader(LeafReaderContext context) throws IOException {
      numbers = context.reader().getNumericDocValues("number");
    }

    @Override
    public void collect(int document) throws IOException {
      numbers.advanceExact(document);
      found.set((int) numbers.longValue());
    }

    @Override
    public ScoreMode scoreMode() {
      return ScoreMode.COMPLETE_NO_SCORES;
    }
  }

  private void answer(IndexSearcher searcher, List<List<BytesRef>> policies, Path path) throws IOException {
    try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(path)))) {
      for (List<BytesRef> policy : policies) {
        FixedBitSet found = match(searcher, policy);
        out.writeInt(found.cardinality());
        for (int number = 0; number < subscriptions; number++) {
          if (found.get(number)) {
            out.writeInt(number);
          }
        }
      }
    }
  }

  private void timed(
      IndexSearcher searcher, List<List<BytesRef>> policies, StringJoiner times, StringJoiner processor)
      throws IOException {
    StringJoiner took = new StringJoiner(",", "[", "]");
    StringJoiner tookOfProcessor = new StringJoiner(",", "[", "]");
    for (List<BytesRef> policy : policies) {
      long began = System.nanoTime();
      long beganOfProcessor = thread.getCurrentThreadCpuTime();
      match(searcher, policy);
      took.add(String.format(Locale.ROOT, "%.4f", seconds(began) * 1e3));
      tookOfProcessor.add(
          String.format(Locale.ROOT, "%.4f", (thread.getCurrentThreadCpuTime() - beganOfProcessor) / 1e6));
    }
    times.add(took.toString());
    processor.add(tookOfProcessor.toString());
  }

  /** Microseconds to add and to remove a subscription, and milliseconds until a reader sees all of that. */
  private String changed(IntBuffer records, int changes) throws IOException {
    try (DirectoryReader reader = DirectoryReader.open(writer)) {
      long began = System.nanoTime();
      int at = 0;
      for (int change = 0; change < changes && at < records.limit(); change++) {
        writer.addDocument(document(records, at, records.get(at) & ~LAST));
        at += records.get(at + 1) & 255;
      }
      double add = seconds(began) / changes * 1e6;
      began = System.nanoTime();
      for (int change = 0; change < changes; change++) {
        writer.deleteDocuments(new Term("id", Integer.toString(change)));
      }
      double remove = seconds(began) / changes * 1e6;
      began = System.nanoTime();
      DirectoryReader.openIfChanged(reader, writer).close();
      return String.format(
          Locale.ROOT, "\"add_us\":%.2f,\"remove_us\":%.2f,\"seen_ms\":%.1f", add, remove, seconds(began) * 1e3);
    }
  }

  private static IndexSearcher searcher(DirectoryReader reader) {
    IndexSearcher searcher = new IndexSearcher(reader);
    searcher.setQueryCache(null);
    return searcher;
  }

  private static List<List<BytesRef>> policies(IntBuffer flat) {
    List<List<BytesRef>> policies = new ArrayList<>();
    int at = 0;
    while (at < flat.limit()) {
      int end = at + 1 + flat.get(at);
      List<BytesRef> tokens = new ArrayList<>();
      for (at++; at < end; at++) {
        tokens.add(new BytesRef(Integer.toString(flat.get(at))));
      }
      policies.add(tokens);
    }
    return policies;
  }

  /** The numbers of a flat array of 32-bit words that numpy has written (format 1). */
  private static IntBuffer words(Path path) throws IOException {
    try (FileChannel file = FileChannel.open(path)) {
      ByteBuffer bytes = file.map(FileChannel.MapMode.READ_ONLY, 0, file.size()).order(ByteOrder.LITTLE_ENDIAN);
      bytes.position(10 + Short.toUnsignedInt(bytes.getShort(8)));
      return bytes.slice().order(ByteOrder.LITTLE_ENDIAN).asIntBuffer();
    }
  }

  private static double residentMb() throws IOException {
    for (String line : Files.readAllLines(Paths.get("/proc/self/status"))) {
      if (line.startsWith("VmRSS")) {
        return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
      }
    }
    return 0;
  }

  private static double seconds(long began) {
    return (System.nanoTime() - began) / 1e9;
  }
}

import { Client } from "pg";

interface Env {
  readonly DB: { readonly connectionString: string };
}

/** Writes a note by POST and tells what it sees, over one connection through Hyperdrive a request. */
const worker = {
  async fetch(request: Request, env: Env): Promise<Response> {
    const client = new Client({ connectionString: env.DB.connectionString });
    try {
      await client.connect();
      if (request.method === "POST") {
        await client.query("CREATE TABLE IF NOT EXISTS notes (text text)");
        await client.query("INSERT INTO notes VALUES ($1)", [await request.text()]);
      }
      const {
        rows: [session],
      } = await client.query(
        `SELECT session_user AS user, current_database() AS database, ssl AS encrypted,
                (SELECT system_identifier::text FROM pg_control_system()) AS server
           FROM pg_stat_ssl WHERE pid = pg_backend_pid()`,
      );
      const notes = await client.query("SELECT text FROM notes ORDER BY text");
      return Response.json({ ...session, notes: notes.rows.map(({ text }) => text) });
    } catch (error) {
      return new Response(error instanceof Error ? error.message : String(error), { status: 500 });
    } finally {
      await client.end().catch(() => undefined);
    }
  },
};

export { worker as default };

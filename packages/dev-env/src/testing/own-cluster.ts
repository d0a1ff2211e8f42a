import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type ClusterAdmin, clusterAdmin } from 'kafka-restaurants-kafka/testing'
import { createContext } from 'kafka-restaurants-service'
import { type BrokerCluster, startCluster } from '../kafka/cluster.ts'
import { cacheDir } from '../paths.ts'
import { startGuardian } from '../platform/guardian.ts'

export interface TestCluster extends BrokerCluster {
  admin: ClusterAdmin
  /** Ends the brokers, and removes their data. */
  remove: () => Promise<void>
}

/** Three brokers for the tests of one file. Topics have three replicas, of which two have to be in sync. */
export async function ownCluster(): Promise<TestCluster> {
  mkdirSync(cacheDir, { recursive: true })
  const dataDir = mkdtempSync(join(cacheDir, 'test-cluster-'))
  const guardian = startGuardian()
  const cluster = await startCluster({ dataDir, count: 3, watch: guardian.watch })
  const admin = await clusterAdmin(cluster.bootstrap, createContext('test', 'silent').log)
  await admin.inSync(3)
  const remove = async () => {
    await admin.close()
    await cluster.kill()
    guardian.dismiss()
    rmSync(dataDir, { recursive: true, force: true })
  }
  return { ...cluster, admin, remove }
}

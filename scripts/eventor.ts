// eventor itself says what it can: npm run eventor -- --help
import '../services/eventor/src/main.ts'
